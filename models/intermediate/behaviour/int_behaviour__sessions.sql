with

clicks as (

    select * from {{ ref('int_behaviour__clicks') }}

),

pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

page_views as (

    select event_id, source, referrer, user_agent from {{ ref('stg_web__page_views') }}

),

user_agents as (

    select * from {{ ref('int_behaviour__user_agents') }}

),

identifier_persons as (

    select * from {{ ref('int_behaviour__identifier_persons') }}

),

grouped as (

    select
        session_key,
        any_value(cookie_key) as cookie_key,
        count(*) as page_views,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        any_value(event_id) filter (is_first) as first_event_id,
        any_value(page_key) filter (is_first) as landing_page_key,
        any_value(page_key) filter (is_last) as exit_page_key,
        min(share_id) as share_id,
        min(login_key) as login_key,
        max(login_key) as other_login_key,
    from clicks
    group by session_key

),

category_clicks as (

    select
        clicks.session_key,
        pages.category,
        count(*) as clicks,
    from clicks
    inner join pages on clicks.page_key = pages.page_key
    where pages.category is not null
    group by all

),

categories as (

    select
        session_key,
        list(category order by clicks desc, category) as categories,
    from category_clicks
    group by session_key

),

-- Whose visit it was: the one who logged in; else the only person this cookie was ever identified as.
-- A visit in which two people logged in is nobody's.
described as (

    select
        grouped.session_key,
        grouped.cookie_key,
        page_views.source,
        case
            when grouped.login_key is distinct from grouped.other_login_key then null
            when grouped.login_key is not null then by_login.person_id
            else by_cookie.person_id
        end as linked_person_id,
        grouped.share_id,
        landing.host,
        landing.path as landing_page,
        leaving.path as exit_page,
        {{ url_host('page_views.referrer') }} as referrer_host,
        landing.utm_source,
        landing.utm_medium,
        landing.utm_campaign,
        landing.click_id_kind,
        coalesce(categories.categories, []) as categories,
        grouped.page_views,
        date_diff('second', grouped.started_at, grouped.ended_at) as seconds,
        grouped.page_views = 1 as is_bounce,
        coalesce(user_agents.is_mobile, false) as is_mobile,
        user_agents.bot_name,
        coalesce(user_agents.is_bot, false)
            or (
                grouped.page_views >= {{ var('bot_minimum_page_views') }}
                and grouped.page_views > {{ var('bot_page_views_per_second') }} * date_diff('second', grouped.started_at, grouped.ended_at)
            ) as is_bot,
        grouped.started_at,
        grouped.ended_at,
    from grouped
    inner join page_views on grouped.first_event_id = page_views.event_id
    inner join pages as landing on grouped.landing_page_key = landing.page_key
    inner join pages as leaving on grouped.exit_page_key = leaving.page_key
    left join user_agents on page_views.user_agent = user_agents.user_agent
    left join categories on grouped.session_key = categories.session_key
    left join identifier_persons as by_login on grouped.login_key = by_login.identifier_key
    left join identifier_persons as by_cookie on grouped.cookie_key = by_cookie.identifier_key

)

select * from described
