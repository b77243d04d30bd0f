{#-
    Notes the days of visitors that are told anew (told.web_pairs), before int_behaviour__clicks forgets them.
    What changed is where page views came, went or came again; the days that were asked for; what a broken-off build noted.
    Around it everything that hangs together: visits, and clicks within a pause of one, share days. So what is noted holds
    whole visits only, as they were and as they will be, and nothing outside it can be told otherwise than it is.
-#}
{% macro note_web_pairs() -%}
{%- if is_incremental() -%}
    {#- a visit that midnight ends needs nothing of the next day -#}
    {%- set pause = 0 if var('session_splits_at_midnight') else var('session_gap_minutes') -%}
    insert into {{ source('told', 'web_pairs') }}
    with changed as ({{ changed_clicks() }}),
    visits as (
        select visitor_id, given_session_id, min(occurred_at) as begins_at, max(occurred_at) as ends_at from {{ this }}
        semi join changed using (visitor_id)
        group by visitor_id, given_session_id, session_id
    ),
    -- a session of the source has no pause that ends it
    given as (
        select visitor_id, given_session_id, min(begins_at) as begins_at, max(ends_at) as ends_at
        from (
            select visitor_id, given_session_id, begins_at, ends_at from changed
            union all
            select visitor_id, given_session_id, begins_at, ends_at from visits
        )
        where given_session_id is not null
        group by visitor_id, given_session_id
    ),
    stretches as (
        select visitor_id, begins_at, ends_at, true as is_changed from changed
        union all
        select visitor_id, begins_at, ends_at, false from visits
        union all
        select visitor_id, begins_at, ends_at, false from given
    ),
    days as (
        select
            visitor_id,
            cast(begins_at as date) as first_day,
            cast(ends_at + interval {{ pause }} minute as date) as last_day,
            bool_or(is_changed) as is_changed,
        from stretches
        group by all
    ),
    islands as ({{ web_islands('days') }})
    select visitor_id, cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as day from islands
    except
    select visitor_id, day from {{ source('told', 'web_pairs') }}
{%- endif -%}
{%- endmacro %}

{#- The runs of days of a visitor that share a day with one another, where something changed in them.
    Args: days: visitor_id, first_day, last_day, is_changed. -#}
{% macro web_islands(days) -%}
    select visitor_id, min(first_day) as first_day, max(last_day) as last_day
    from (
        select *, count(*) filter (is_apart) over (
            partition by visitor_id order by first_day, last_day rows unbounded preceding
        ) as island
        from (
            select *, coalesce(first_day > max(last_day) over (
                partition by visitor_id order by first_day, last_day rows between unbounded preceding and 1 preceding
            ), true) as is_apart
            from {{ days }}
        )
    )
    group by visitor_id, island
    having bool_or(is_changed)
{%- endmacro %}
