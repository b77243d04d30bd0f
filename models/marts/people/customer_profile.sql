with gates as (

    select * from {{ ref('int_profile__gates') }}

),

contact as (

    select * from {{ ref('int_profile__contact') }}

),

consent as (

    select * from {{ ref('int_profile__consent') }}

),

orders as (

    select * from {{ ref('int_behaviour__person_orders') }}

),

next_orders as (

    select * from {{ ref('int_behaviour__next_orders') }}

),

email as (

    select * from {{ ref('int_behaviour__person_email') }}

),

web as (

    select * from {{ ref('int_behaviour__person_web') }}

),

funnel as (

    select * from {{ ref('funnel_stages') }}

),

service as (

    select
        person_id,
        count(*) as conversations,
        count(*) filter (not is_resolved) as open_conversations,
        max(asked_at) as last_asked_at,
    from {{ ref('service_conversations') }}
    where person_id is not null
    group by person_id

),

sharing as (

    select * from {{ ref('ambassadors') }}

),

social as (

    select * from {{ ref('int_profile__social') }}

),

interests as (

    select * from {{ ref('int_profile__interests') }}

),

-- null is never a zero: a group of columns is shown whole, or it is null and the column before it says why. Groups are told by
-- the order of columns: each runs from its masked_reason to the next one, what no purpose masks comes first
profiled as (

    select
        gates.person_id,

        coalesce(consent.permitted_uses, []) as permitted_uses,
        coalesce(consent.permitted_recipients, []) as permitted_recipients,
        coalesce(consent.is_marketable_email, false) as is_marketable_email,
        coalesce(consent.is_advertisable_meta, false) as is_advertisable_meta,
        coalesce(consent.is_advertisable_google, false) as is_advertisable_google,
        consent.first_expiry_at,

        gates.service_masked_reason as contact_masked_reason,
        if(may_serve, contact.sources, null) as sources,
        if(may_serve, contact.record_count, null) as record_count,
        if(may_serve, contact.has_account, null) as has_account,
        if(may_serve, contact.has_email, null) as has_email,
        if(may_serve, contact.has_phone, null) as has_phone,
        if(may_serve, contact.has_nickname, null) as has_nickname,
        if(may_serve, contact.has_name, null) as has_name,
        if(may_serve, contact.has_address, null) as has_address,
        if(may_serve, contact.country, null) as country,
        if(may_serve, contact.language, null) as language,
        if(may_serve, contact.first_seen_at, null) as first_seen_at,

        gates.analysis_masked_reason as demographics_masked_reason,
        if(may_analyse, contact.birth_year, null) as birth_year,
        if(may_analyse, contact.age_band, null) as age_band,

        gates.service_masked_reason as orders_masked_reason,
        if(may_serve, coalesce(orders.orders, 0), null) as orders,
        if(may_serve, coalesce(orders.orders_365d, 0), null) as orders_365d,
        if(may_serve, coalesce(orders.units, 0), null) as units,
        if(may_serve, coalesce(orders.revenue, 0), null) as revenue,
        if(may_serve, orders.revenue_currency, null) as revenue_currency,
        if(may_serve, orders.average_order_value, null) as average_order_value,
        if(may_serve, coalesce(orders.orders_in_other_currencies, 0), null) as orders_in_other_currencies,
        if(may_serve, coalesce(orders.returned_units, 0), null) as returned_units,
        if(may_serve, coalesce(orders.returned_amount, 0), null) as returned_amount,
        if(may_serve, coalesce(orders.categories, []), null) as bought_categories,
        if(may_serve, coalesce(orders.seasons, []), null) as bought_seasons,
        if(may_serve, orders.first_ordered_at, null) as first_ordered_at,
        if(may_serve, orders.last_ordered_at, null) as last_ordered_at,
        if(may_serve, orders.days_since_last_order, null) as days_since_last_order,

        gates.analysis_masked_reason as prediction_masked_reason,
        if(may_analyse, next_orders.expected_next_order_at, null) as expected_next_order_at,
        if(may_analyse, next_orders.expected_gap_days, null) as expected_gap_days,
        case
            when not may_analyse then null
            when next_orders.person_id is null then 'no_order'
            else next_orders.no_expectation_reason
        end as no_expectation_reason,

        gates.service_masked_reason as mail_masked_reason,
        if(may_serve, coalesce(email.sent, 0), null) as mails_sent,
        if(may_serve, coalesce(email.delivered, 0), null) as mails_delivered,
        if(may_serve, coalesce(email.hard_bounces, 0), null) as hard_bounces,
        if(may_serve, coalesce(email.complaints, 0), null) as complaints,

        gates.service_masked_reason as conversations_masked_reason,
        if(may_serve, coalesce(service.conversations, 0), null) as conversations,
        if(may_serve, coalesce(service.open_conversations, 0), null) as open_conversations,
        if(may_serve, service.last_asked_at, null) as last_asked_at,

        gates.analysis_masked_reason as engagement_masked_reason,
        if(may_analyse, coalesce(email.opens, 0), null) as mails_opened,
        if(may_analyse, coalesce(email.clicks, 0), null) as mails_clicked,
        if(may_analyse, coalesce(email.topics, []), null) as email_topics,
        if(may_analyse, email.last_engaged_at, null) as last_engaged_at,

        gates.web_masked_reason,
        if(may_watch, coalesce(web.sessions, 0), null) as sessions,
        if(may_watch, coalesce(web.sessions_30d, 0), null) as sessions_30d,
        if(may_watch, coalesce(web.page_views, 0), null) as page_views,
        if(may_watch, coalesce(web.seconds, 0), null) as web_seconds,
        if(may_watch, coalesce(web.categories, []), null) as visited_categories,
        if(may_watch, web.first_utm_source, null) as first_utm_source,
        if(may_watch, web.last_utm_source, null) as last_utm_source,
        if(may_watch, web.first_session_at, null) as first_session_at,
        if(may_watch, web.last_session_at, null) as last_session_at,

        gates.web_masked_reason as funnel_masked_reason,
        if(may_watch, funnel.stage, null) as funnel_stage,
        if(may_watch, funnel.entered_at, null) as funnel_stage_since,

        gates.analysis_masked_reason as sharing_masked_reason,
        if(may_analyse, coalesce(sharing.shares, 0), null) as shares,
        if(may_analyse, coalesce(sharing.referred_visits, 0), null) as referred_visits,
        if(may_analyse, coalesce(sharing.referred_orders, 0), null) as referred_orders,
        if(may_analyse, sharing.tier, null) as ambassador_tier,
        if(may_analyse, sharing.score, null) as ambassador_score,

        gates.social_masked_reason,
        if(may_use_social, coalesce(social.handles, 0), null) as handles,
        if(may_use_social, coalesce(social.platforms, []), null) as platforms,
        if(may_use_social, social.followers, null) as followers,
        if(may_use_social, coalesce(social.posts, 0), null) as posts,
        if(may_use_social, social.last_posted_at, null) as last_posted_at,

        gates.interests_masked_reason,
        if(may_use_interests, coalesce(interests.interests, []), null) as interests,
        if(may_use_interests, coalesce(interests.interest_names, []), null) as interest_names,
    from gates
    inner join contact on gates.person_id = contact.person_id
    left join consent on gates.person_id = consent.person_id
    left join orders on gates.person_id = orders.person_id
    left join next_orders on gates.person_id = next_orders.person_id
    left join email on gates.person_id = email.person_id
    left join web on gates.person_id = web.person_id
    left join funnel on gates.person_id = funnel.person_id
    left join service on gates.person_id = service.person_id
    left join sharing on gates.person_id = sharing.person_id
    left join social on gates.person_id = social.person_id
    left join interests on gates.person_id = interests.person_id

)

select * from profiled
