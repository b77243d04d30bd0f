"""What a tree compiles to finds exactly the people for whom the tree holds, on any rows."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from samtykke.segments.compiled import Compiler
from samtykke.segments.located import read_located
from samtykke.segments.vocabulary import read_vocabulary
from tests.properties.segment_oracle import Oracle

PROJECT = Path(__file__).resolve().parents[2]
# The last of a month, so that months and years of different length matter.
AS_OF = datetime(2024, 2, 29, 12)
SCHEMA = {
    "customer_profile": "person_id integer, country varchar, orders bigint, first_seen_at timestamp",
    "order_facts": "person_id integer, source varchar, order_id varchar, is_sale boolean, product_type varchar, "
    "revenue integer, country varchar, ordered_at timestamp",
    "web_sessions": "person_id integer, session_key varchar, is_bot boolean, categories varchar[], "
    "page_views bigint, started_at timestamp",
    "email_engagement": "person_id integer, opens bigint, clicks bigint",
}

people = st.integers(1, 5)
numbers = st.integers(0, 3)
words = st.sampled_from(["jeans", "dress", "it's"])
# Few moments, so that rows meet the edges of windows.
moments = st.one_of(
    st.sampled_from([-1, 0, 1, 2, 29, 30, 31, 365, 366, 731]).map(lambda days: AS_OF - timedelta(days=days)),
    st.sampled_from([AS_OF, datetime(2023, 6, 1), datetime(2023, 9, 1), datetime(2022, 12, 1), datetime(2023, 1, 1)]),
)
durations = st.sampled_from(["1 day", "30 days", "1 month", "1 year", "2 years", "12 hours"])
ends = st.one_of(
    durations.map(lambda text: f"{text} ago"),
    st.sampled_from([date(2023, 6, 1), datetime(2024, 2, 28, 12), date(2023, 1, 1)]),
)


def rows(**columns: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(st.fixed_dictionaries(columns), max_size=8)


worlds = st.fixed_dictionaries(
    {
        "customer_profile": st.fixed_dictionaries(
            {
                "country": st.lists(st.none() | st.sampled_from(["DK", "SE"]), min_size=5, max_size=5),
                "orders": st.lists(st.none() | numbers, min_size=5, max_size=5),
                "first_seen_at": st.lists(st.none() | moments, min_size=5, max_size=5),
            }
        ).map(
            lambda c: [
                dict(zip(("person_id", *c), (n + 1, *(v[n] for v in c.values())), strict=True)) for n in range(5)
            ]
        ),
        "order_facts": rows(
            person_id=st.none() | people,
            source=st.sampled_from("ab"),
            order_id=st.sampled_from("12"),
            is_sale=st.sampled_from([True, True, False]),
            product_type=st.none() | words,
            revenue=st.none() | numbers,
            country=st.sampled_from([None, "DK", "AU"]),
            ordered_at=moments,
        ),
        "web_sessions": rows(
            person_id=st.none() | people,
            session_key=st.sampled_from("123"),
            is_bot=st.sampled_from([False, False, True]),
            categories=st.none() | st.lists(words, max_size=2),
            page_views=numbers,
            started_at=moments,
        ),
        "email_engagement": st.lists(
            st.fixed_dictionaries({"person_id": people, "opens": st.none() | numbers, "clicks": st.none() | numbers}),
            max_size=4,
            unique_by=lambda row: row["person_id"],
        ),
    }
)

number_tests = st.dictionaries(
    st.sampled_from(["is", "is_not", "above", "at_least", "below", "at_most"]), numbers, min_size=1, max_size=2
)
text_tests = st.one_of(
    words,
    st.lists(words, min_size=1, max_size=2),
    st.fixed_dictionaries({"is_not": words}),
    st.fixed_dictionaries({"not_in": st.lists(words, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"known": st.booleans()}),
    st.fixed_dictionaries({"starts_with": st.sampled_from(["j", "it'"])}),
)
FILTERS = {
    "bought": st.one_of(
        st.fixed_dictionaries({"product_type": text_tests}), st.fixed_dictionaries({"revenue": number_tests})
    ),
    "visited": st.one_of(
        st.fixed_dictionaries({"categories": st.fixed_dictionaries({"contains": words})}),
        st.fixed_dictionaries({"categories": st.fixed_dictionaries({"empty": st.booleans()})}),
        st.fixed_dictionaries({"page_views": number_tests}),
    ),
}
VALUES = {"bought": "revenue", "visited": "page_views"}
windows = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"within": durations}),
    st.fixed_dictionaries({"between": st.tuples(ends, ends).map(list)}),
    st.fixed_dictionaries({"after": ends}, optional={"before": ends}),
    st.fixed_dictionaries({"years_back": st.integers(0, 2)}, optional={"season": st.just("summer")}),
)
edges = st.one_of(
    st.fixed_dictionaries({"within": durations}),
    st.fixed_dictionaries({"before": ends}, optional={"after": ends}),
)


def wheres(event: str) -> st.SearchStrategy:
    return st.recursive(
        FILTERS[event],
        lambda inner: st.one_of(
            st.fixed_dictionaries({"not": inner}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)}),
        ),
        max_leaves=3,
    )


@st.composite
def events(draw: st.DrawFn, *, is_step: bool = False) -> dict:
    event = draw(st.sampled_from(sorted(FILTERS)))
    tree = {"event": event, **draw(windows)}
    if draw(st.booleans()):
        tree["where"] = draw(wheres(event))
    if is_step:
        return tree
    for function in draw(st.lists(st.sampled_from(["count", "sum", "avg", "min", "max"]), max_size=2, unique=True)):
        tests = draw(number_tests)
        if function == "count":
            tree["count"] = {"at_least" if key in ("is", "below", "at_most") else key: n for key, n in tests.items()}
        else:
            tree[function] = {"of": VALUES[event], **tests}
    for key, strategy in (("first", edges), ("last", edges), ("not_since", durations)):
        if draw(st.integers(0, 5)) == 0:
            tree[key] = draw(strategy)
    return tree


traits = st.one_of(
    st.fixed_dictionaries({"trait": st.just("country"), "is": st.just("DK")}),
    st.fixed_dictionaries({"trait": st.just("country"), "known": st.booleans()}),
    number_tests.map(lambda tests: {"trait": "orders", **tests}),
    number_tests.map(lambda tests: {"trait": ["email_engagement.opens", "email_engagement.clicks"], **tests}),
    st.fixed_dictionaries({"trait": st.just("email_engagement.opens"), "known": st.booleans()}),
    st.fixed_dictionaries({"trait": st.just("first_seen_at"), "within": durations}),
)
sequences = st.fixed_dictionaries(
    {"sequence": st.lists(events(is_step=True), min_size=2, max_size=3), "within": durations}
)
trees = st.recursive(
    st.one_of(events(), traits, sequences),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.tuples(inner, st.lists(inner, min_size=1, max_size=2)).map(lambda pair: {**pair[0], "exclude": pair[1]}),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def vocabulary():
    return read_vocabulary(PROJECT)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as connection:
        for table, columns in SCHEMA.items():
            connection.execute(f"create table {table} ({columns})")
        yield connection


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("trees") / "tree.yml"


def world(**tables: list) -> dict:
    profile = [{"person_id": n, "country": None, "orders": None, "first_seen_at": None} for n in range(1, 6)]
    return {"customer_profile": profile, "order_facts": [], "web_sessions": [], "email_engagement": [], **tables}


def order(person: int, at: datetime, **more: object) -> dict:
    usual = {"source": "a", "order_id": "1", "is_sale": True, "product_type": None, "revenue": None, "country": None}
    return {"person_id": person, **usual, "ordered_at": at, **more}


def visit(person: int, at: datetime) -> dict:
    usual = {"session_key": "1", "is_bot": False, "categories": None, "page_views": 1}
    return {"person_id": person, **usual, "started_at": at}


# 1 at once, 2 on the last moment, 3 a second late, 4 the other way round
TURNS = world(
    web_sessions=[visit(n, AS_OF) for n in (1, 2, 3, 4)],
    order_facts=[
        order(1, AS_OF),
        order(2, AS_OF + timedelta(days=30)),
        order(3, AS_OF + timedelta(days=30, seconds=1)),
        order(4, AS_OF - timedelta(days=1)),
    ],
)
# 1 cannot be known to have spent nothing, 2 spent nothing, 3 did not buy
SPENT = world(order_facts=[order(1, AS_OF), order(2, AS_OF, revenue=0)])
SUMMER = [
    datetime(2022, 11, 30),
    datetime(2022, 12, 1),
    datetime(2023, 2, 28),
    datetime(2023, 3, 1),
    datetime(2023, 6, 1),
]
SEASONS = world(
    order_facts=[order(n, at, country="AU") for n, at in enumerate(SUMMER, 1)]
    + [order(n, at, country=None if n % 2 else "DK") for n, at in enumerate(SUMMER, 1)]
)


@settings(max_examples=100, deadline=None)
@example(tree={"sequence": [{"event": "visited"}, {"event": "bought"}], "within": "30 days"}, tables=TURNS)
@example(tree={"not": {"event": "bought", "sum": {"of": "revenue", "at_least": 1}}}, tables=SPENT)
@example(
    tree={"any": [{"not": {"event": "bought", "avg": {"of": "revenue", "above": 0}}}, {"event": "visited"}]},
    tables=SPENT,
)
@example(tree={"event": "bought", "years_back": 1, "season": "summer"}, tables=SEASONS)
@given(tree=trees, tables=worlds)
def test_the_sql_of_a_tree_finds_whom_the_tree_holds_for(tree, tables, vocabulary, connection, file):
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
    sql = Compiler(PROJECT, {}, vocabulary=vocabulary).tree_sql(read_located(file))
    for table, content in tables.items():
        connection.execute(f"delete from {table}")
        names = [column.split()[0] for column in SCHEMA[table].split(", ")]
        for row in content:
            connection.execute(
                f"insert into {table} values ({', '.join('?' * len(names))})", [row[name] for name in names]
            )
    rendered = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", sql).replace("{{ as_of() }}", f"timestamp '{AS_OF}'")
    found = [person for (person,) in connection.execute(rendered).fetchall()]
    assert len(found) == len(set(found))
    assert set(found) == Oracle(tables, AS_OF).members(tree), sql
