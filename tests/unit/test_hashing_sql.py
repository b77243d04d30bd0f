"""The SQL forms answer as the Python ones do or not at all, on odd input by the thousand; pinned by vectors."""

from __future__ import annotations

import functools
import itertools
import json
import random
import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from samtykke import normalise
from samtykke.hashing import for_platform, platform_of, rules
from samtykke.hashing.person_sql import WITH_REGION
from samtykke.hashing.sql import expression, register_forms

VECTORS_FILE = Path(__file__).parents[1] / "data" / "platform_vectors.json"
VECTORS = json.loads(VECTORS_FILE.read_text(encoding="utf-8"))["good"]
NOT_IN_SQL = "cast(null as varchar)"
SQL_KINDS = {(platform, kind) for platform, kind in rules() if expression(platform, kind, "v") != NOT_IN_SQL}
# one platform for each form, hash and encoding: the rest are the same expression
DISTINCT = sorted({expression(*key, "v"): key for key in sorted(SQL_KINDS)}.values())
SPACES = [" ", "\t", "\n", "\u00a0", "\u200b", "\u3000", "\u2060", "\ufeff", "\u202e", "\u00ad"]
LOCALS = [
    "anna",
    "anna.berg",
    "anna+news",
    "a..b",
    ".a",
    "a.",
    "+tag",
    "+",
    '"a,b"',
    "a'b",
    "ANNA",
    "İpek",
    "ı",
    "ǅ",
    "søren",
    "정",
    "á",
    "ａnna",
    "аnna",
    "a%b",
    "!#$%&'*/=?^_`{|}~-",
    "x{64}",
    "UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0/Yo=",
    "00000",
    "=",
    "@",
    "-",
    "...",
]
DOMAINS = [
    "example.com",
    "EXAMPLE.com",
    "gmail.com",
    "Gmail.com",
    "googlemail.com",
    "gmail.com.",
    "gmail.co",
    "sub.gmail.com",
    "a--b.dk",
    "-a.dk",
    "a-.dk",
    "a.-b.dk",
    "xn--sren-gra.dk",
    "søren.dk",
    "example.test",
    "localhost",
    "localhost.localdomain",
    "[127.0.0.1]",
    "example.c",
    "example.c0m",
    "com",
    "example.com.",
    "ex",
    "ample.com",
    "example..com",
    "aé.dk",
    "K.dk",
    "ſ.dk",
]
NUMBERS = [
    "+4520123456",
    "4520123456",
    "20123456",
    "004520123456",
    "+45",
    "20",
    "12",
    "34",
    "56",
    "+298211234",
    "+16505551212",
    "+0123",
    "+",
    "0",
    "+1234567",
    "+123456789012345",
    "+1234567890123456",
    "4.512E+09",
    "٠١٢٣٤٥٦٧",
    "+45２０１２３４５６",
    "tel:+4520123456",
    "+45-20-12-34-56",
]
MADIDS = [
    "5F3A2B18-9C4D-4E7F-B8E2-17D3A1E69B25", "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25", "0" * 8, "f" * 64,
    "00000000-0000-0000-0000-000000000000", "5f3a2b189c4d4e7fb8e217d3a1e69b25", "",
]  # fmt: skip

# what people and forms write as names, dates and places
TEXTS = json.loads((VECTORS_FILE.parent / "odd_texts.json").read_text(encoding="utf-8"))
EVERYDAY = re.compile(r"[ -~À-įı-ſΑ-ΡΤ-ρτ-ωЁА-яёァ-ヺーぁ-ゔ一-龥가-힣]+")
REGIONS = [None, "", "US", "us", "DK", "GB"]


@functools.cache
def corpus():
    """Odd input of every kind; the same every time."""
    draw = random.Random(20260630)
    addresses = [f"{local}@{domain}" for local, domain in itertools.product(LOCALS, DOMAINS)]
    values = [*addresses, *LOCALS, *NUMBERS, *MADIDS, *TEXTS, "a" * 65 + "@example.com", "a@" + "b." * 130 + "dk"]
    for value in list(values):
        space = draw.choice(SPACES)
        at = draw.randrange(len(value) + 1)
        values += [space + value, value + space, value[:at] + space + value[at:], value.upper(), value.swapcase()]
    alphabet = "aA1.+-@_ '\"(ø\u0301İ\t" + "gmail.com"
    values += ["".join(draw.choices(alphabet, k=draw.randrange(1, 20))) for _ in range(5_000)]
    values += [" ".join(draw.choices(TEXTS, k=draw.randrange(2, 4))) for _ in range(2_000)]
    values += [
        f"{draw.randrange(40)}{sign}{draw.randrange(40)}{sign}{draw.randrange(1890, 2030)}" for sign in "./-" * 300
    ]
    values += [chr(draw.randrange(0x20, 0x3000)) + "nna " + chr(draw.randrange(0x20, 0xD7FF)) for _ in range(3_000)]
    return sorted({value for value in values if not any(0xD800 <= ord(one) <= 0xDFFF for one in value)})


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        register_forms(opened)
        yield opened


def in_sql(connection, platform, kind, values, region=None):
    connection.register("given", pa.table({"v": pa.array(values, pa.string())}))
    query = f"select {expression(platform, kind, 'v', '$1::varchar')} from given where $1 is null or true"
    return [row for (row,) in connection.execute(query, [region]).fetchall()]


@pytest.mark.parametrize(("platform", "kind"), DISTINCT)
def test_sql_answers_as_python_or_not_at_all(connection, platform, kind):
    values = corpus()
    assert len(values) > 8_000
    for region in REGIONS if rules()[platform, kind].form in WITH_REGION else [None]:
        for value, answer in zip(values, in_sql(connection, platform, kind, values, region), strict=True):
            if answer is not None:
                assert answer == for_platform(platform, kind, value, region).value, (platform, kind, value, region)


def is_plain(value, kind):
    """Whether a value is of the common shape: for the others, of which there are few, Python is asked."""
    if kind == "madid":
        return value == value.strip() and value.isascii()
    if "@" not in value:
        return True
    ending = value.rpartition(".")[2]
    is_odd = '"' in value or "--" in value or len(ending) < 2
    return value.isascii() and ending.isalpha() and len(value) <= 64 and not is_odd


IDENTIFYING = ("email", "phone", "madid", "member_id", "email_untagged")


@pytest.mark.parametrize(("platform", "kind"), [key for key in DISTINCT if key[1] not in IDENTIFYING])
def test_sql_answers_for_everyday_names_dates_and_places(connection, platform, kind):
    """Where Python has an answer for what is written in everyday letters, so has SQL."""
    plain = [one for one in TEXTS if one == one.strip() and len(one) <= 100 and EVERYDAY.fullmatch(one)]
    plain = [one for one in plain if for_platform(platform, kind, one).value and "x.com" not in one]
    assert len(plain) >= 2
    answers = in_sql(connection, platform, kind, plain)
    assert [value for value, answer in zip(plain, answers, strict=True) if answer is None] == []


@pytest.mark.parametrize(("platform", "kind"), [key for key in DISTINCT if key[1] in IDENTIFYING])
def test_sql_answers_for_what_the_vault_holds(connection, platform, kind):
    """Where Python has an answer for a plain normal form, so has SQL: else every value would take the slow way."""
    normal = {"phone": normalise.phone, "madid": None}.get(kind, normalise.email)
    values = corpus() if normal is None else [found for value in corpus() if (found := normal(value).value)]
    plain = [value for value in values if is_plain(value, kind) and for_platform(platform, kind, value).value]
    assert plain
    answers = in_sql(connection, platform, kind, plain)
    assert [value for value, answer in zip(plain, answers, strict=True) if answer is None] == []


def test_sql_reproduces_the_published_vectors(connection):
    checked = 0
    for vector in VECTORS:
        platform = platform_of(vector["platform"])
        if (platform, vector["kind"]) not in SQL_KINDS or vector["value"] is None or "encoding" in vector:
            continue
        normal = {"email": normalise.email, "phone": normalise.phone}.get(vector["kind"])
        value = (
            normal(vector["raw"], *([vector.get("region")] if vector["kind"] == "phone" else [])) if normal else None
        )
        given = vector["raw"] if value is None or value.value is None else value.value
        (answer,) = in_sql(connection, platform, vector["kind"], [given], vector.get("region"))
        assert answer in (vector["value"], None)
        checked += answer is not None
    assert checked >= 24


def test_no_digest_of_nothing_and_no_digest_of_a_digest(connection):
    nothing = ["", " ", None, "+tag@gmail.com", "f" * 64, "UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0/Yo="]
    # an id of the platform's own user is taken as it is: it may be a digest
    for platform, kind in {key for key in SQL_KINDS if rules()[key].form != "text"}:
        assert set(in_sql(connection, platform, kind, nothing)) <= {
            None,
            # one platform alone keeps the tag, so that this is an address to it
            for_platform(platform, kind, "+tag@gmail.com").value,
        }
