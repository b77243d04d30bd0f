{#-
    The decision of every known key at moment T as known at moment K: "was it allowed?" has K = now, "did we act
    rightly on what we knew?" has K = the moment of the export. Select from it as from a table:
        select * from {{ permission_at("timestamp '2026-03-01'", "timestamp '2026-03-02'") }}
    Args: moment (T) and known (K): SQL expressions of type timestamp (UTC), without columns.
-#}
{% macro permission_at(moment, known) -%}
(
    with decided as (

        select * exclude (valid_from, valid_to), valid_from, valid_to
        from {{ ref('int_consent__intervals') }}
        where valid_from <= {{ moment }} and {{ moment }} < valid_to and known_from <= {{ known }} and {{ known }} < known_to

    ),

    stale_lists as (

        select channel, country, list_id
        from (
            select channel, country, list_id, max(delivered_at) + to_days(maximum_age_days) as stale_from
            from {{ ref('int_consent__list_deliveries') }}
            where delivered_at <= {{ moment }} and known_from <= {{ known }}
            group by channel, country, list_id, maximum_age_days
        ) as newest
        where stale_from <= {{ moment }}

    ),

    -- R4: nobody can tell who is on a list that is too old, so its channel is closed in its country
    closed as (

        select
            channels.channel,
            list({list_id: stale_lists.list_id, country: stale_lists.country}) as lists,
        from stale_lists
        inner join {{ ref('channels') }} as channels
            on coalesce(stale_lists.channel, channels.channel) = channels.channel
        group by channels.channel

    ),

    gated as (

        select
            decided.*,
            -- the first that concerns the identifier; where no country is known every one does
            list_min(
                [
                    list.list_id for list in closed.lists
                    if list.country is null or countries.countries is null or list_contains(countries.countries, list.country)
                ]
            ) as stale_list,
            decided.rule_id not in ('R1', 'R2', 'R3', 'R4') and stale_list is not null as is_closed,
        from decided
        left join closed
            on decided.channel = closed.channel
        left join {{ ref('int_consent__identifier_countries') }} as countries
            on decided.identifier_key = countries.identifier_key

    )

    select
        * exclude (stale_list, is_closed)
        replace (
            case when is_closed then 'suppressed' else state end as state,
            is_permitted and not is_closed as is_permitted,
            case when is_closed then 'R4' else rule_id end as rule_id,
            case when is_closed then 'stale_list:' || stale_list else reason end as reason
        ),
    from gated
)
{%- endmacro %}
