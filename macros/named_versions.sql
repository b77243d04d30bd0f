{#- The deliveries of the records whose identifiers ever changed, number 1 the newest: what an earlier one named still counts
    for a no. Repeats are rare: keys are counted before anything is compared.
    Args: relation; key: columns that name a record; identifiers: columns; happened_at: the record's own moment;
    newest_first: a total order of its deliveries. -#}
{% macro named_versions(relation, key, identifiers, happened_at, newest_first) -%}
(
    with repeated as (

        select * from {{ relation }}
        semi join (select {{ key | join(', ') }} from {{ relation }} group by all having count(*) > 1) as keys
            using ({{ key | join(', ') }})
        where {{ happened_at }} <= {{ as_of() }}

    ),

    changed as (

        select {{ key | join(', ') }} from repeated
        group by all
        having
            {%- for identifier in identifiers %}
            min({{ identifier }}) <> max({{ identifier }}) or count({{ identifier }}) not in (0, count(*))
            {%- if not loop.last %} or {% endif %}
            {%- endfor %}

    ),

    numbered as (

        select
            repeated.*,
            row_number() over (partition by {{ key | join(', ') }} order by {{ newest_first }}) as version_number,
        from repeated
        semi join changed using ({{ key | join(', ') }})

    )

    select * from numbered
)
{%- endmacro %}
