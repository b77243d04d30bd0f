"""What a value is made of, and what decides which rows there are: each case is a way to hide a column."""

from __future__ import annotations

import pytest

from samtykke.lineage.trace import ROWS, TraceError, trace

RELATIONS = {
    "person": ["person_id", "country"],
    "visit": ["person_id", "url", "seconds", "tags"],
    "mail": ["person_id", "kind"],
}


def made_of(sql, column="c"):
    return {f"{relation}.{name}" for relation, name in trace(sql, RELATIONS).of(column)}


def decided_by(sql):
    return {f"{relation}.{name}" for relation, name in trace(sql, RELATIONS).rows}


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select case when url like '%x%' then 1 end as c from visit", {"visit.url"}),
        ("select if(seconds > 1, 'a', 'b') as c from visit", {"visit.seconds"}),
        ("with v as (select url as u from visit) select u as c from v", {"visit.url"}),
        ("select c from (select url || 'x' as c from visit)", {"visit.url"}),
        ("select * exclude (person_id) replace (url as seconds) from visit", None),
        ("select list_transform(tags, lambda t: t || url) as c from visit", {"visit.tags", "visit.url"}),
        ("select s.u as c from (select {'u': url, 'n': seconds} as s from visit)", {"visit.url", "visit.seconds"}),
        ("select u as c from visit cross join unnest([url]) as n(u)", {"visit.url"}),
        ("select unnest(tags) as c from visit", {"visit.tags"}),
        ("select url as a, a || 'x' as c from visit", {"visit.url"}),
        ("select url as c from visit union all select country from person", {"visit.url", "person.country"}),
        (
            "select 1 as c, 2 as d from visit union by name select country as d, url as c from visit, person",
            {"visit.url"},
        ),
        ("select l.c from person, lateral (select country || 'x' as c) as l", {"person.country"}),
    ],
)
def test_a_value_is_made_of_every_column_in_its_expression(sql, columns):
    if columns is None:
        assert made_of(sql, "seconds") == {"visit.url"}
    else:
        assert made_of(sql) >= columns
        assert {name for name in made_of(sql) if not name.endswith(ROWS)} == columns


def test_a_whole_row_is_all_of_its_columns():
    assert made_of("select to_json(visit) as c from visit") == {f"visit.{name}" for name in RELATIONS["visit"]}
    assert made_of("select hash(v) as c from (select url, seconds from visit) as v") == {"visit.url", "visit.seconds"}


def test_a_window_and_an_aggregate_tell_of_rows():
    assert made_of("select row_number() over (partition by url order by seconds) as c from visit") == {
        "visit.url",
        "visit.seconds",
        "visit.*",
    }
    assert made_of("select person_id, count(*) as c from visit group by person_id") == {"visit.*"}
    assert made_of("select count(*) filter (seconds > 9) as c from visit where url = 'x'") == {
        "visit.seconds",
        "visit.url",
        "visit.*",
    }


def test_a_constant_of_one_branch_tells_which_branch_it_is():
    sql = "select person_id, 'seen' as c from visit where url = 'x' union all select person_id, 'mailed' from mail"
    assert made_of(sql) == {"visit.*", "visit.url", "mail.*"}


def test_the_optional_side_of_a_join_tells_that_there_was_a_match():
    sql = """
        select person.person_id, coalesce(v.flag, false) as c
        from person left join (select person_id, true as flag from visit where url = 'x') as v
            on person.person_id = v.person_id
    """
    assert made_of(sql) == {"visit.*", "visit.url", "visit.person_id", "person.person_id"}
    assert decided_by(sql) == {"person.*"}


@pytest.mark.parametrize(
    "sql",
    [
        "select person_id from person where exists (select 1 from visit where visit.person_id = person.person_id)",
        "select person_id from person where person_id in (select person_id from visit)",
        "select person_id from person semi join visit using (person_id)",
        "select person_id from person anti join visit using (person_id)",
        "select person.person_id from person inner join visit on person.person_id = visit.person_id",
        "select person_id from person except select person_id from visit",
        "select person.person_id from visit right join person on true where visit.person_id > ''",
    ],
)
def test_rows_are_decided_by_whoever_is_joined_or_asked(sql):
    assert decided_by(sql) >= {"visit.*", "visit.person_id"} or decided_by(sql) >= {"person.*", "visit.person_id"}


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("select person_id from visit where seconds > 1", "visit.seconds"),
        ("select person_id from visit group by person_id having max(seconds) > 1", "visit.seconds"),
        ("select person_id from visit qualify row_number() over (partition by url order by 1) = 1", "visit.url"),
        ("select person_id from visit order by seconds limit 3", "visit.seconds"),
        ("select distinct on (person_id) person_id from visit order by seconds", "visit.seconds"),
        ("select person_id, unnest(tags) as tag from visit", "visit.tags"),
        ("select person_id, (select max(kind) from mail) as kind from visit, unnest(tags) as t(tag)", "visit.tags"),
    ],
)
def test_rows_are_decided_by_filters_limits_and_lists(sql, column):
    assert column in decided_by(sql)


def test_a_recursive_part_is_made_of_what_it_hands_to_itself():
    sql = """
        with recursive walk as (
            select person_id as a, country as b, 'x' as c from person
            union all
            select a, c, b from walk where length(b) < 9
        )
        select c from walk
    """
    assert "person.country" in made_of(sql)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select columns('.*') from visit", "hides"),
        ("select * from visit natural join person", "natural"),
        ("pivot visit on url using count(*)", "select|hides|traced"),
        ("select * from read_csv('x.csv')", "no ref"),
        ("select * from 'x.parquet'", "no ref"),
        ("select * from query('select 1')", "no ref"),
        ("select colour from visit", "colour"),
        ("select person_id from raw.visit", "no ref"),
        ("select 1; select 2", "one select"),
        ("create table x as select 1", "one select"),
        ("select person_id from", "parse|Expected|select"),
    ],
)
def test_what_cannot_be_told_is_an_error(sql, said):
    with pytest.raises(TraceError, match=said):
        trace(sql, RELATIONS)


def test_the_parameters_of_a_table_function_are_values_and_never_hide_a_column():
    assert trace("select person_id from visit where seconds < moment", RELATIONS, ["moment"]).of("person_id")
    with pytest.raises(TraceError, match="seconds has the name of a column"):
        trace("select seconds from visit", RELATIONS, ["seconds"])
