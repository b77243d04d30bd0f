from __future__ import annotations

from pathlib import Path

import pytest

from samtykke.lineage.project import read_project
from samtykke.lineage.segments import SegmentError, segment_uses, used_columns

MARTS = {
    "order_facts": ["person_id", "category", "ordered_at", "is_sale", "revenue", "remark"],
    "web_sessions": ["person_id", "started_at", "categories"],
    "customer_profile": ["person_id", "first_seen_at", "country"],
}
PURPOSES = {
    "order_facts": {"remark": None},
    "web_sessions": {name: ["analytics.behaviour", "identity.linking"] for name in MARTS["web_sessions"]},
}


def project(**segments):
    nodes = {
        name: {
            **node(name, ["marts", "people"]),
            "raw_code": "select 1",
            "config": {"access": "public", "materialized": "table"},
            "columns": {
                column: {"config": {"meta": meta(column, PURPOSES.get(name, {}).get(column, ["service"]))}}
                for column in columns
            },
        }
        for name, columns in MARTS.items()
    }
    for name, sql in segments.items():
        nodes[name] = {
            **node(name, ["segments"]),
            "raw_code": sql,
            "columns": {},
            "checksum": {"checksum": f"of {name}"},
        }
    seed = {**node("purposes", []), "resource_type": "seed", "original_file_path": "seeds/purposes.csv", "columns": {}}
    moment = {
        "name": "as_of",
        "package_name": "samtykke",
        "macro_sql": "{#- when -#}\n{% macro as_of() %}timestamp '{{ var('as_of') or run_started_at }}'{% endmacro %}",
    }
    manifest = {
        "metadata": {"project_name": "samtykke"},
        "nodes": {**nodes, "purposes": seed},
        "sources": {},
        "macros": {"as_of": moment},
    }
    return read_project(manifest, {}, Path(__file__).parents[2])


def node(name, folders):
    return {
        "name": name,
        "resource_type": "model",
        "fqn": ["samtykke", *folders, name],
        "config": {"materialized": "view"},
    }


def meta(column, purposes):
    category = "identifier" if column == "person_id" else "behaviour"
    return {} if purposes is None else {"category": category, "purposes": purposes}


def needed(sql):
    uses, problems = segment_uses(project(segment=sql))
    assert not problems
    assert {use.sql_checksum for use in uses} == {"of segment"}
    return {use.purpose for use in uses}


def test_a_segment_needs_what_the_columns_it_touches_need_not_only_those_it_selects():
    sql = """
        select customer_profile.person_id from {{ ref('customer_profile') }}
        where not exists (
            select 1 from {{ ref('web_sessions') }} s
            where s.person_id = customer_profile.person_id and s.started_at > {{ as_of() }} - interval 30 day
        )
    """
    assert needed(sql) == {"service", "analytics.behaviour", "identity.linking"}
    assert needed("select person_id from {{ ref('order_facts') }} where is_sale") == {"service"}


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        (
            """with o as (select person_id as p, category as c from order_facts)
            select p as person_id from o where c = 1""",
            {"person_id", "category"},
        ),
        ("select person_id from order_facts group by all having count(*) > 2", {"person_id"}),
        (
            "select person_id from order_facts qualify row_number() over (order by revenue) = 1",
            {"person_id", "revenue"},
        ),
        (
            """select o.person_id from order_facts o
            inner join (select person_id from order_facts where is_sale) using (person_id)""",
            {"person_id", "is_sale"},
        ),
        (
            "select person_id from order_facts union select person_id from order_facts where category = 1",
            {"person_id", "category"},
        ),
        (
            """select person_id from order_facts o where revenue > (
                select avg(i.revenue) from order_facts i where i.ordered_at < o.ordered_at)""",
            {"person_id", "revenue", "ordered_at"},
        ),
    ],
)
def test_columns_are_found_behind_names_joins_windows_and_subqueries(sql, columns):
    assert used_columns("s", sql, MARTS) == {("order_facts", column) for column in columns}


@pytest.mark.parametrize(
    "sql",
    [
        "select person_id from web_sessions where list_contains(categories, 'jeans')",
        "select person_id from web_sessions where len(list_filter(categories, lambda c: c = 'jeans')) > 0",
        "select person_id from (select person_id, unnest(categories) as c from web_sessions) where c = 'x'",
        "select w.person_id from web_sessions w, unnest(w.categories) as u(c) where u.c = 'jeans'",
    ],
)
def test_columns_inside_list_functions_are_found(sql):
    assert used_columns("s", sql, MARTS) == {("web_sessions", "person_id"), ("web_sessions", "categories")}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select * from order_facts", r"column \*"),
        ("with o as (select * from order_facts) select person_id from o", r"column \*"),
        ("select o.* from order_facts o", r"column .*\*"),
        ("select columns('person_id') from order_facts", "hides"),
        ("select person_id from order_facts natural join customer_profile", "natural"),
        ("select person_id from raw_contacts", "raw_contacts"),
        ("select person_id from query('select 1')", "no public mart"),
        ("select person_id from 'people.csv'", "no public mart"),
        ("select person_id from order_facts where colour = 'red'", "colour"),
        ("select person_id from order_facts where o.category = 'x'", "category"),
        ("select person_id from order_facts o where o::varchar like '%x%'", "whole row"),
        ("select person_id from raw.order_facts", "raw.order_facts"),
        ("select person_id, category from order_facts", "person_id only"),
        ("select person_id from order_facts; drop table order_facts", "one select"),
        ("delete from order_facts", "one select"),
        ("select person_id from", "segment s"),
        ("select person_id frm order_facts", "segment s: Invalid expression"),
    ],
)
def test_what_cannot_be_traced_is_an_error_that_names_the_segment(sql, said):
    with pytest.raises(SegmentError, match=said) as problem:
        used_columns("s", sql, MARTS)
    # one line for a log, without the colours of a terminal
    assert "segment s" in str(problem.value) and str(problem.value).isprintable()


def test_a_segment_that_cannot_be_derived_does_not_hide_the_others():
    uses, problems = segment_uses(
        project(
            bad="select person_id from {{ ref('order_facts') }} where remark is null",
            good="select person_id from {{ ref('order_facts') }}",
        )
    )
    assert [problem.split(" has ")[0] for problem in problems] == ["segment bad: column order_facts.remark"]
    assert {use.segment for use in uses} == {"good"}


def test_asking_only_who_is_in_a_mart_needs_what_being_there_tells():
    sql = "select o.person_id from order_facts o where exists (select 1 from web_sessions)"
    with pytest.raises(SegmentError, match="uses no column of web_sessions"):
        used_columns("s", sql, MARTS)


def test_a_template_that_asks_for_more_than_the_project_holds_is_an_error():
    for sql in ("{{ run_query('x') }}", "{{ env_var('HOME') }}", "{{ adapter.get_columns() }}"):
        assert any(problem.startswith("bad: its template") for problem in project(bad=sql).relations["bad"].defects)


def test_a_segment_reads_no_source():
    _, problems = segment_uses(project(bad="select person_id from {{ source('raw', 'contacts') }}"))
    assert "raw.contacts" in problems[0]
