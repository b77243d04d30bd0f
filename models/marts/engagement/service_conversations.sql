with

conversations as (

    select
        *,
        {{ record_key('conversations', ['source', 'conversation_id']) }} as record_key,
    from {{ ref('stg_service__conversations') }}

),

turns as (

    select * from {{ ref('int_behaviour__conversation_turns') }}

),

opening_intervals as (

    select * from {{ ref('int_behaviour__opening_intervals') }}

),

service_desks as (

    select * from {{ ref('service_desks') }}

),

person_records as (

    select record_key, person_id from {{ ref('int_identity__person_records') }}
    where entity = 'conversations'

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}

),

desked as (

    select
        conversations.*,
        turns.* exclude (source, conversation_id),
        coalesce(service_desks.country, '{{ var('service_country') }}') as desk_country,
    from conversations
    inner join turns
        on conversations.source = turns.source and conversations.conversation_id = turns.conversation_id
    left join service_desks on conversations.source = service_desks.source

),

-- Business time is the difference of two readings of the business clock; a desk without opening hours has none.
timed as (

    select
        desked.*,
        date_diff('second', desked.asked_at, desked.first_response_at) as first_response_seconds,
        {{ business_seconds('desked.first_response_at', 'at_response') }}
            - {{ business_seconds('desked.asked_at', 'at_question') }} as first_response_business_seconds,
        desked.closed_at >= desked.opened_at as is_closed_in_order,
        date_diff('second', desked.opened_at, desked.closed_at) as resolution_seconds,
        {{ business_seconds('desked.closed_at', 'at_close') }}
            - {{ business_seconds('desked.opened_at', 'at_opening') }} as resolution_business_seconds,
    from desked
    asof left join opening_intervals as at_question
        on desked.desk_country = at_question.country and desked.asked_at >= at_question.opens_at
    asof left join opening_intervals as at_response
        on desked.desk_country = at_response.country and desked.first_response_at >= at_response.opens_at
    asof left join opening_intervals as at_opening
        on desked.desk_country = at_opening.country and desked.opened_at >= at_opening.opens_at
    asof left join opening_intervals as at_close
        on desked.desk_country = at_close.country and desked.closed_at >= at_close.opens_at

),

attributed as (

    select
        md5(timed.source || '|' || timed.conversation_id) as conversation_key,
        if(person_uses.may_serve, person_records.person_id, null) as person_id,
        case
            when person_uses.may_serve then null
            when person_records.person_id is not null then coalesce(person_uses.service_reason, 'no permission known')
            when timed.identifier_key is not null then 'identifier belongs to no single person'
            else 'anonymous conversation'
        end as person_masked_reason,
        timed.source,
        timed.channel,
        timed.topic,
        timed.desk_country,
        timed.messages,
        timed.customer_messages,
        timed.agent_messages,
        timed.bot_messages,
        timed.closed_at is not null as is_resolved,
        -- what a customer writes after the close waits as well
        coalesce(timed.last_author_kind, 'customer') = 'customer'
            and (timed.closed_at is null or coalesce(timed.last_question_at > timed.closed_at, false)) as awaits_answer,
        round(timed.first_response_seconds / 60.0, 2) as first_response_minutes,
        round(timed.first_response_business_seconds / 60.0, 2) as first_response_business_minutes,
        if(timed.is_closed_in_order, round(timed.resolution_seconds / 60.0, 2), null) as resolution_minutes,
        if(timed.is_closed_in_order, round(timed.resolution_business_seconds / 60.0, 2), null) as resolution_business_minutes,
        timed.opened_at,
        timed.asked_at,
        timed.first_automatic_reply_at,
        timed.first_response_at,
        timed.closed_at,
    from timed
    left join person_records on timed.record_key = person_records.record_key
    left join person_uses on person_records.person_id = person_uses.person_id

)

select * from attributed
