-- Asked of the permissions themselves, past every model between them and the marts: a person whose use is not permitted now
-- appears in no row that rests on it.
{{ config(meta={'dagster': {'ref': {'name': 'web_sessions'}}}) }}

with

permitted as (

    select person_id, purpose from {{ ref('int_consent__person_permissions') }}
    where is_permitted and channel is null and recipient is null

),

shown as (

    select 'web_sessions' as mart, person_id, unnest(['analytics.behaviour', 'identity.linking']) as purpose
    from {{ ref('web_sessions') }}
    union
    select 'web_page_views', person_id, unnest(['analytics.behaviour', 'identity.linking']) from {{ ref('web_page_views') }}
    union
    select 'web_goals', person_id, unnest(['analytics.behaviour', 'identity.linking']) from {{ ref('web_goals') }}
    union
    select 'email_engagement', person_id, 'analytics.behaviour' from {{ ref('email_engagement') }}
    where coalesce(opens, machine_opens, clicks, machine_clicks, replies) is not null
        or topics is not null or last_engaged_at is not null
    union
    select 'email_engagement', person_id, 'service' from {{ ref('email_engagement') }}
    union
    select 'order_facts', person_id, 'service' from {{ ref('order_facts') }}
    union
    select 'service_conversations', person_id, 'service' from {{ ref('service_conversations') }}
    union
    select 'ambassadors', person_id, 'analytics.behaviour' from {{ ref('ambassadors') }}
    union
    select 'campaign_reach', person_id, unnest(['service', 'analytics.behaviour', 'identity.linking']) from {{ ref('campaign_reach') }}
    union
    select 'observed interests', person_id, 'analytics.behaviour' from {{ ref('int_enrichment__observed_interests') }}
    union
    select 'observed interests of pages', person_id, 'identity.linking' from {{ ref('int_enrichment__observed_interests') }}
    where page_views > 0
    union
    select 'inferred interests', person_id, unnest(['enrichment.social', 'enrichment.interests'])
    from {{ ref('int_enrichment__inferred_interests') }}

)

select shown.mart, shown.purpose, count(*) as people
from shown
anti join permitted on shown.person_id = permitted.person_id and shown.purpose = permitted.purpose
where shown.person_id is not null
group by shown.mart, shown.purpose
