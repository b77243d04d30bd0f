"""The SQL forms answer as the Python ones do or not at all, on odd input by the thousand; pinned by vectors."""

from __future__ import annotations

import functools
import itertools
import json
import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from samtykke import normalise
from samtykke.hashing import for_platform, platform_of, rules
from samtykke.hashing.sql import expression, register_forms

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "platform_vectors.json").read_text())["good"]
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


@functools.cache
def corpus():
    """Odd input of every kind; the same every time."""
    draw = random.Random(20260630)
    addresses = [f"{local}@{domain}" for local, domain in itertools.product(LOCALS, DOMAINS)]
    values = [*addresses, *LOCALS, *NUMBERS, *MADIDS, "a" * 65 + "@example.com", "a@" + "b." * 130 + "dk"]
    for value in list(values):
        space = draw.choice(SPACES)
        at = draw.randrange(len(value) + 1)
        values += [space + value, value + space, value[:at] + space + value[at:], value.upper(), value.swapcase()]
    alphabet = "aA1.+-@_ '\"(ø\u0301İ\t" + "gmail.com"
    values += ["".join(draw.choices(alphabet, k=draw.randrange(1, 20))) for _ in range(5_000)]
    return sorted({value for value in values if not any(0xD800 <= ord(one) <= 0xDFFF for one in value)})


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        register_forms(opened)
        yield opened


def in_sql(connection, platform, kind, values):
    connection.register("given", pa.table({"v": pa.array(values, pa.string())}))
    return [row for (row,) in connection.execute(f"select {expression(platform, kind, 'v')} from given").fetchall()]


@pytest.mark.parametrize(("platform", "kind"), DISTINCT)
def test_sql_answers_as_python_or_not_at_all(connection, platform, kind):
    values = corpus()
    assert len(values) > 8_000
    for value, answer in zip(values, in_sql(connection, platform, kind, values), strict=True):
        if answer is not None:
            assert answer == for_platform(platform, kind, value).value, (platform, kind, value)


def is_plain(value, kind):
    """Whether a value is of the common shape: for the others, of which there are few, Python is asked."""
    if kind == "madid":
        return value == value.strip() and value.isascii()
    if "@" not in value:
        return True
    ending = value.rpartition(".")[2]
    is_odd = '"' in value or "--" in value or len(ending) < 2
    return value.isascii() and ending.isalpha() and len(value) <= 64 and not is_odd


@pytest.mark.parametrize(("platform", "kind"), DISTINCT)
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
        (answer,) = in_sql(connection, platform, vector["kind"], [given])
        assert answer in (vector["value"], None)
        checked += answer is not None
    assert checked >= 12


def test_no_digest_of_nothing_and_no_digest_of_a_digest(connection):
    nothing = ["", " ", None, "+tag@gmail.com", "f" * 64, "UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0/Yo="]
    for platform, kind in SQL_KINDS:
        assert set(in_sql(connection, platform, kind, nothing)) <= {
            None,
            # one platform alone keeps the tag, so that this is an address to it
            for_platform(platform, kind, "+tag@gmail.com").value,
        }
