{#-
    Every moment at which a decision can change, for each version of a key's history, with what is in force from then on.
    Args: versions, acts, facts: relations as the models of those names.
-#}
{% macro boundaries(versions, acts, facts) -%}
(
    with versions as (

        select * from {{ versions }}

    ),

    acts as (

        select * from {{ acts }}

    ),

    facts as (

        select * from {{ facts }}

    ),

    -- every moment at which a decision can change: an act begins, a fact begins or ends
    changes as (

        select
            key_number,
            starts_at as changes_at,
            effect,
            event_rank,
            decides_at,
            cast(null as timestamp) as suppressed_until,
            known_from,
            {{ end_of_time() }} as known_to,
        from acts
        where effect <> 'invalidation'

        union all by name

        select
            key_number,
            begins_at as changes_at,
            case when fact = 'suppressed' then ends_at end as suppressed_until,
            known_from,
            known_to,
        from facts

        union all by name

        select
            key_number,
            ends_at as changes_at,
            known_from,
            known_to,
        from facts
        where ends_at < {{ end_of_time() }}

    ),

    told as (

        select
            versions.key_number,
            versions.known_from,
            versions.known_to,
            changes.* exclude (key_number, known_from, known_to),
        from versions
        inner join changes
            on
                versions.key_number = changes.key_number
                and changes.known_from <= versions.known_from
                and versions.known_from < changes.known_to

    ),

    -- what is in force from each moment on: the newest of what has begun. Changes at one moment see each other (range frame)
    running as (

        select
            key_number,
            known_from,
            known_to,
            changes_at as valid_from,
            lead(changes_at, 1, {{ end_of_time() }}) over history as valid_to,
            max(case when effect = 'positive' then event_rank end) over history as positive_rank,
            max(case when effect = 'negative' then event_rank end) over history as negative_rank,
            max(case when effect = 'negative' then decides_at end) over history as negative_until,
            max(case when effect = 'restriction' then event_rank end) over history as restriction_rank,
            max(case when effect = 'restriction' then decides_at end) over history as restricted_until,
            max(case when effect = 'lift' then decides_at end) over history as lifted_from,
            max(case when effect = 'confirmation' then changes_at end) over history as confirmed_at,
            max(suppressed_until) over history as suppressed_until,
        from told
        window history as (partition by key_number, known_from order by changes_at)

    )

    select * from running
    where valid_from < valid_to
)
{%- endmacro %}
