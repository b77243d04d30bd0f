{{ built_after(['int_behaviour__web_rules', 'int_behaviour__products']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_rules'},
    pre_hook=["{{ note_web_visits() }}", "{{ note_stored_visits() }}", "{{ forget_web_pairs('started_at') }}"],
    post_hook="{{ note_stored_visits() }}",
) }}
with

clicks as (

    select * from {{ ref('int_behaviour__clicks') }}
    {%- if is_incremental() %}
    where (visitor_id, cast(occurred_at as date)) in (select visitor_id, day from {{ source('told', 'web_pairs') }})
    {%- endif %}

),

-- how far towards a purchase a page is; what is no step is before the first
pages as (

    select
        page_id,
        page_type = 'asset' as is_asset,
        page_type = 'robots' as is_robots,
        list_position(['product', 'cart', 'checkout', 'confirmation'], page_type) as step,
    from {{ ref('int_behaviour__urls') }}

),

origins as (

    select * from {{ ref('int_behaviour__origins') }}

),

identities as (

    select identifier_id, linked_person_id from {{ ref('int_behaviour__web_identities') }}

),

grouped as (

    select
        clicks.session_id,
        any_value(clicks.visitor_id) as visitor_id,
        count(*) as page_views,
        count(*) filter (pages.is_asset) as asset_requests,
        bool_or(pages.is_robots) as asked_for_robots,
        max(pages.step) as steps,
        min(clicks.occurred_at) as started_at,
        max(clicks.occurred_at) as ended_at,
        max(clicks.origin_id) filter (clicks.is_first) as origin_id,
        max(clicks.page_id) filter (clicks.is_first) as landing_page_id,
        arg_max(clicks.page_id, (clicks.occurred_at, clicks.click_id)) as exit_page_id,
        max(clicks.share_id) filter (clicks.is_first) as landing_share_id,
        min(clicks.share_id) as share_id,
        min(clicks.login_id) as login_id,
        max(clicks.login_id) as other_login_id,
    from clicks
    inner join pages on clicks.page_id = pages.page_id
    group by clicks.session_id

),

-- Whose visit it was: the one who logged in; else the only person this cookie was ever identified as.
-- A visit in which two people logged in is nobody's.
described as (

    select
        grouped.session_id,
        printf('%016x', grouped.session_id) as session_key,
        grouped.visitor_id,
        origins.source,
        case
            when grouped.login_id <> grouped.other_login_id then null
            when grouped.login_id is not null then by_login.linked_person_id
            else by_cookie.linked_person_id
        end as linked_person_id,
        grouped.share_id,
        grouped.landing_share_id,
        grouped.origin_id,
        origins.referrer_host,
        grouped.landing_page_id,
        grouped.exit_page_id,
        coalesce(['product', 'cart', 'checkout', 'purchase'][grouped.steps], 'browse') as furthest_step,
        grouped.page_views,
        grouped.asset_requests,
        date_diff('second', grouped.started_at, grouped.ended_at) as seconds,
        grouped.page_views - grouped.asset_requests <= 1 as is_bounce,
        origins.is_mobile,
        case
            when origins.bot_name is not null then origins.bot_name
            when grouped.asked_for_robots then 'asks for robots.txt'
            when
                grouped.page_views - grouped.asset_requests >= {{ var('bot_minimum_page_views') }}
                and grouped.page_views - grouped.asset_requests
                > {{ var('bot_page_views_per_second') }} * date_diff('second', grouped.started_at, grouped.ended_at)
                then 'faster than anybody reads'
        end as bot_reason,
        grouped.started_at,
        grouped.ended_at,
    from grouped
    inner join origins on grouped.origin_id = origins.origin_id
    left join identities as by_login on grouped.login_id = by_login.identifier_id
    left join identities as by_cookie on grouped.visitor_id = by_cookie.identifier_id

)

select * from described
