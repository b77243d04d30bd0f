{#-
    Where something changed since everything was told, as stretches of visitors: int_behaviour__clicks as it is stored
    ({{ this }}) against the page views as they are now. A page view delivered again may have another visitor or moment.
-#}
{% macro changed_clicks() -%}
    with deliveries as (
        select * from {{ ref('stg_web__deliveries') }}
    ),
    arrived as (
        select hash(cookie_key) as visitor_id, if(session_id is null, null, hash(session_id)) as given_session_id, occurred_at
        from {{ ref('stg_web__page_views') }} as page_views
        semi join (select file_id, loaded_at from deliveries where is_new) as new
            on page_views.file_id = new.file_id and page_views.loaded_at = new.loaded_at
    ),
    gone as (
        select * from {{ this }}
        where delivery_id in (select delivery_id from deliveries where is_taken_back)
    ),
    -- of an event that was there already, where it was
    replaced as (
        select * from {{ this }}
        where click_id in (
            select hash(event_id)
            from {{ source('raw', 'page_views') }} as page_views
            semi join (select file_id, loaded_at from deliveries where is_new) as new
                on page_views.file_id = new.file_id and page_views.loaded_at = new.loaded_at
        )
    )
    {%- if page_views_went() %},
    -- an earlier delivery of an event counts again when the later one is taken back
    restored as (
        select hash(cookie_key) as visitor_id, if(session_id is null, null, hash(session_id)) as given_session_id, occurred_at
        from {{ ref('stg_web__page_views') }}
        where hash(event_id) in (select click_id from gone)
    )
    {%- endif %}
    select visitor_id, given_session_id, occurred_at as begins_at, occurred_at as ends_at from arrived
    union
    select visitor_id, given_session_id, occurred_at, occurred_at from gone
    union
    select visitor_id, given_session_id, occurred_at, occurred_at from replaced
    {%- if page_views_went() %}
    union
    select visitor_id, given_session_id, occurred_at, occurred_at from restored
    {%- endif %}
    union
    select visitor_id, null, day, day from {{ source('told', 'web_pairs') }}
    {%- for first_day, last_day in web_days_asked_for() %}
    union
    select visitor_id, given_session_id, occurred_at, occurred_at from {{ this }}
    where occurred_at >= date '{{ first_day }}' and occurred_at < date '{{ last_day }}' + 1
    union
    select hash(cookie_key), if(session_id is null, null, hash(session_id)), occurred_at, occurred_at
    from {{ ref('stg_web__page_views') }}
    where occurred_at >= date '{{ first_day }}' and occurred_at < date '{{ last_day }}' + 1
    {%- endfor %}
{%- endmacro %}

{#- Ranges of days that are told anew whatever came: the look-back of every build, and what somebody asked for. -#}
{% macro web_days_asked_for() -%}
    {%- set dates = modules.datetime.date -%}
    {%- set today = dates.fromisoformat(as_of()[11:21]) -%}
    {%- set asked = [] -%}
    {%- if var('web_look_back_days') -%}
        {%- do asked.append((today - modules.datetime.timedelta(days=var('web_look_back_days') - 1), today)) -%}
    {%- endif -%}
    {%- if var('web_days') -%}
        {%- set days = var('web_days').split('/') -%}
        {%- do asked.append((dates.fromisoformat(days[0]), dates.fromisoformat(days[-1]))) -%}
    {%- endif -%}
    {{ return(asked) }}
{%- endmacro %}

{#- Whether some were taken back: only then all of them are read, for what counts again. -#}
{% macro page_views_went() -%}
    {%- if not execute -%} {{ return(true) }} {%- endif -%}
    {{ return(run_query('select coalesce(bool_or(is_taken_back), false) from ' ~ ref('stg_web__deliveries')).rows[0][0]) }}
{%- endmacro %}
