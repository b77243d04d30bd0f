"""What SQL accepts without asking the normalisers is exactly what they would have said."""

import random

import duckdb
import phonenumbers
import pytest

from samtykke import normalise
from samtykke.sources.identify import plain_email_sql
from samtykke.sources.phones import CALLING_CODES, number_facts


def _near_misses(seed: int) -> list[str]:
    """Numbers of every kind of every country, and their neighbours."""
    draw = random.Random(seed)
    numbers = set()
    for code in CALLING_CODES:
        for _ in range(120):
            numbers.add(
                f"+{code}" + "".join(draw.choices("0123456789", k=draw.choice([5, 6, 7, 8, 8, 9, 9, 10, 11, 12])))
            )
        for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
            metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
            for kind in ("mobile", "fixed_line", "toll_free", "voip", "premium_rate", "uan", "pager", "shared_cost"):
                example = getattr(metadata, kind).example_number if getattr(metadata, kind) else None
                for _ in range(12 if example else 0):
                    digits = list(example)
                    for _ in range(draw.randrange(4)):
                        digits[draw.randrange(len(digits))] = draw.choice("0123456789")
                    numbers.add(f"+{code}" + "".join(digits))
    return sorted(numbers)


def test_numbers_accepted_in_sql_are_those_that_libphonenumber_accepts_with_region_and_type():
    numbers, connection, found = _near_misses(11), duckdb.connect(), {}
    connection.execute("create table numbers as select unnest($1::varchar[]) as e164", [numbers])
    for code in CALLING_CODES:
        facts = number_facts(code, "e164")
        found |= dict(
            connection.execute(
                f"select e164, {facts} from numbers where starts_with(e164, '+{code}') and ({facts}) is not null"
            ).fetchall()
        )
    expected = {}
    for number in numbers:
        if normalise.phone(number).value == number:
            facts = normalise.phone_facts(number)
            expected[number] = f"{facts.region}|{facts.type}"
    assert {number: facts for number, facts in found.items() if expected.get(number) != facts} == {}
    assert len(found) > 0.95 * len(expected) > 1000


@pytest.mark.parametrize("seed", [1, 2])
def test_addresses_accepted_in_sql_are_in_normal_form(seed):
    draw = random.Random(seed)
    signs = "abcz019.-_+@%!#'\"() ÅæK\u200b<>,;:Ø"
    addresses = {"anna@example.com", "a.b+c@sub-domain.example.co", "x@xn--80ak6aa92e.example", "a@b.test", "a@local"}
    for _ in range(20_000):
        local = "".join(draw.choices(signs, k=draw.randrange(1, 7)))
        domain = "".join(draw.choices("abz09.-", k=draw.randrange(1, 8)))
        addresses.add(
            f"{local}@{domain}{draw.choice(['.com', '.dk', '.example', '.test', '.invalid', '.c', '', '.onion'])}"
        )
    connection = duckdb.connect()
    connection.execute("create table addresses as select unnest($1::varchar[]) as address", [sorted(addresses)])
    accepted = connection.execute(f"select address from addresses where {plain_email_sql('address')}").fetchall()
    assert len(accepted) > 250
    assert [address for (address,) in accepted if normalise.email(address).value != address] == []
