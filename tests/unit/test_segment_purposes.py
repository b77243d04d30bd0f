from __future__ import annotations

import pytest

from samtykke.activation.purposes import SegmentError, derive_segment_purposes, used_columns

MARTS = {
    "order_facts": ["person_id", "category", "ordered_at", "is_sale", "revenue", "remark"],
    "web_sessions": ["person_id", "started_at", "categories"],
    "customer_profile": ["person_id", "first_seen_at", "country"],
}
PURPOSES = {
    "order_facts": {"remark": None},
    "web_sessions": {name: ["analytics.behaviour", "identity.linking"] for name in MARTS["web_sessions"]},
}


def manifest(**segments):
    nodes = {
        name: {
            "name": name,
            "resource_type": "model",
            "fqn": ["samtykke", "marts", name],
            "config": {"access": "public"},
            "columns": {
                column: {"config": {"meta": meta(PURPOSES.get(name, {}).get(column, ["service"]))}}
                for column in columns
            },
        }
        for name, columns in MARTS.items()
    }
    for name, sql in segments.items():
        nodes[name] = {
            "name": name,
            "resource_type": "model",
            "fqn": ["samtykke", "segments", name],
            "config": {},
            "raw_code": sql,
            "columns": {},
        }
    moment = {
        "name": "as_of",
        "package_name": "samtykke",
        "macro_sql": "{#- when -#}\n{% macro as_of() %}timestamp '{{ var('as_of') or run_started_at }}'{% endmacro %}",
    }
    return {"metadata": {"project_name": "samtykke"}, "nodes": nodes, "macros": {"as_of": moment}}


def meta(purposes):
    return {} if purposes is None else {"category": "behaviour", "purposes": purposes}


def needed(sql):
    return {use.purpose for use in derive_segment_purposes(manifest(segment=sql), {})}


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
    ],
)
def test_what_cannot_be_traced_is_an_error_that_names_the_segment(sql, said):
    with pytest.raises(SegmentError, match=said) as problem:
        used_columns("s", sql, MARTS)
    assert "segment s" in str(problem.value)


def test_an_unlabelled_column_is_an_error_that_names_segment_and_column():
    with pytest.raises(SegmentError, match=r"segment bad: column order_facts\.remark"):
        derive_segment_purposes(
            manifest(
                bad="select person_id from {{ ref('order_facts') }} where remark is null",
                good="select person_id from {{ ref('order_facts') }}",
            ),
            {},
        )


def test_a_template_that_asks_for_more_than_marts_is_an_error():
    for sql in (
        "select person_id from {{ source('raw', 'contacts') }}",
        "{{ run_query('x') }}",
        "{{ env_var('HOME') }}",
    ):
        with pytest.raises(SegmentError, match="segment bad"):
            derive_segment_purposes(manifest(bad=sql), {})
