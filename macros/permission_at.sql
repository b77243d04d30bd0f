{#-
    The decision of every known key at moment T as known at moment K: "was it allowed?" has K = now, "did we act
    rightly on what we knew?" has K = the moment of the export. Select from it as from a table:
        select * from {{ permission_at("timestamp '2026-03-01'", "timestamp '2026-03-02'") }}
    Args: moment (T) and known (K): SQL expressions of type timestamp (UTC), without columns.
-#}
{% macro permission_at(moment, known) -%}
    {{ permissions_of(
        ref('intervals_at') ~ '(' ~ moment ~ ', ' ~ known ~ ')', ref('int_consent__list_deliveries'), ref('channels'),
        ref('int_consent__identifier_countries'), moment, known,
    ) }}
{%- endmacro %}

{#- The same of given relations. Args: intervals: those of the moment, with the columns of int_consent__intervals. -#}
{% macro permissions_of(intervals, list_deliveries, channels, countries, moment, known) -%}
(
    with decided as (

        select * exclude (identifier_number, winning_seq)
        from {{ intervals }}

    ),

    closed as (

        select * from {{ closed_channels(list_deliveries, channels, moment, known) }}

    ),

    -- asked only while a channel is closed
    countries as (

        select * from {{ countries }}
        where (select count(*) from closed) > 0

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
        left join countries
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
