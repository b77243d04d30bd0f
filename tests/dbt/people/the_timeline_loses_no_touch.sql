{{ config(meta={'dagster': {'ref': {'name': 'person_timeline'}}}) }}

-- Counted from what was delivered, past the models between: everything that happened to one person, and that the person permits
-- to be used, is on the timeline, once. Page views are in their visit, messages in their conversation, lines in their order.
with permitted as (

    select person_id, list(purpose) filter (is_permitted) as uses,
    from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null
    group by person_id

),

records as (

    select record_key, person_id, entity, first_seen_at from {{ ref('int_identity__person_records') }}

),

-- what was said about an identifier holds for everybody who has it; what was done with it, for a single person only
had as (

    select identifier_key, person_id from {{ ref('int_identity__person_identifiers') }}
    where not is_blocked and not is_shared

),

own as (

    select identifier_key, person_id from had
    where identifier_key in (
        select identifier_key from {{ ref('int_identity__person_identifiers') }}
        group by identifier_key
        having count(distinct person_id) = 1
    )

),

-- nobody permits it there, though the person does elsewhere
withheld as (

    select identifier_key as key, purpose from {{ ref('int_identity__withheld_identifiers') }}
    union
    select record_key, purpose from {{ ref('int_identity__withheld_records') }}

),

happened as (

    select person_id, 'contact_created' as kind, 'service' as purpose from records
    where entity = 'contacts'
    union all
    select records.person_id, 'order', 'service'
    from {{ ref('stg_shop__orders') }} as orders
    inner join records on {{ record_key('orders', ['orders.source', 'orders.order_id']) }} = records.record_key
    union all
    select records.person_id, 'conversation', 'service'
    from {{ ref('stg_service__conversations') }} as talks
    inner join records on {{ record_key('conversations', ['talks.source', 'talks.conversation_id']) }} = records.record_key
    union all
    select had.person_id, 'consent', 'service'
    from {{ ref('stg_consent__events') }} as events
    inner join had on events.identifier_key = had.identifier_key
    where events.occurred_at <= {{ as_of() }}
    union all
    select
        own.person_id,
        'mail: ' || events.event_type,
        if(events.event_type in ('open', 'click', 'reply'), 'analytics.behaviour', 'service'),
    from {{ ref('stg_email__events') }} as events
    inner join own on events.email_key = own.identifier_key
    anti join withheld
        on own.identifier_key = withheld.key and withheld.purpose = 'analytics.behaviour'
        and events.event_type in ('open', 'click', 'reply')
    union all
    select records.person_id, 'share', 'analytics.behaviour'
    from {{ ref('stg_web__shares') }} as shares
    inner join records on {{ record_key('shares', ['shares.share_id']) }} = records.record_key
    anti join withheld on records.record_key = withheld.key and withheld.purpose = 'analytics.behaviour'
    union all
    select own.person_id, if(posts.kind = 'share', 'repost', posts.kind), 'enrichment.social'
    from {{ ref('stg_social__posts') }} as posts
    inner join own on posts.handle_key = own.identifier_key
    anti join withheld on own.identifier_key = withheld.key and withheld.purpose = 'enrichment.social'
    union all
    select own.person_id, 'social_' || edges.kind, 'enrichment.social'
    from {{ ref('stg_social__edges') }} as edges
    inner join own on edges.from_handle_key = own.identifier_key
    anti join withheld on own.identifier_key = withheld.key and withheld.purpose = 'enrichment.social'
    union all
    select person_id, 'visit', 'identity.linking' from {{ ref('web_sessions') }}
    union all
    select person_id, 'goal', 'identity.linking' from {{ ref('web_goals') }}

),

counted as (

    select happened.person_id, happened.kind, count(*) as touches,
    from happened
    inner join permitted on happened.person_id = permitted.person_id
    where list_has_all(permitted.uses, ['service', happened.purpose])
    group by happened.person_id, happened.kind

),

listed as (

    select
        person_id,
        if(starts_with(kind, 'email_'), 'mail: ' || replace(substr(kind, 7), 'machine_', ''), kind) as kind,
        count(*) as touches,
    from {{ ref('person_timeline') }}
    group by all

)

select
    coalesce(counted.person_id, listed.person_id) as person_id,
    coalesce(counted.kind, listed.kind) as kind,
    counted.touches as happened,
    listed.touches as listed,
from counted
full join listed on counted.person_id = listed.person_id and counted.kind = listed.kind
where counted.touches is distinct from listed.touches
