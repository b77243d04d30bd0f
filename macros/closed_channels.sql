{#-
    R4: the channels that are closed at a moment, because nobody can tell who is on a list that is too old, with those lists.
    Args: list_deliveries, channels: relations; moment and known: as `permission_at`.
-#}
{% macro closed_channels(list_deliveries, channels, moment, known) -%}
(
    with stale_lists as (

        select channel, country, list_id
        from (
            select channel, country, list_id, max(delivered_at) + to_days(maximum_age_days) as stale_from
            from {{ list_deliveries }}
            where delivered_at <= {{ moment }} and known_from <= {{ known }}
            group by channel, country, list_id, maximum_age_days
        ) as newest
        where stale_from <= {{ moment }}

    )

    select
        channels.channel,
        list({list_id: stale_lists.list_id, country: stale_lists.country}) as lists,
    from stale_lists
    inner join {{ channels }} as channels
        on coalesce(stale_lists.channel, channels.channel) = channels.channel
    group by channels.channel
)
{%- endmacro %}
