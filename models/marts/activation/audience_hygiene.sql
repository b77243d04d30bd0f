{{ config(tags=['after_export']) }}

with

audience_members as (

    select recipient, segment, person_id, included, from {{ ref('audience_members') }}
    where included or reason not in ('audience_ended', 'use_not_permitted', 'recipient_not_permitted', 'suppressed')

),

recipients as (

    select recipient, len(string_split(identifier_kinds, ';')) > 1 as takes_several, from {{ ref('recipients') }}

),

recipient_identifiers as (

    select * from {{ ref('recipient_identifiers') }}
    where is_permitted

),

identifiers as (

    select identifier_key, guard_reason, from {{ ref('int_identity__identifiers') }}

),

person_identifiers as (

    select person_id, identifier_key, first_seen_at, from {{ ref('int_identity__person_identifiers') }}

),

dead_mailboxes as (

    select identifier_key, from {{ ref('int_consent__dead_mailboxes') }}
    where begins_at <= {{ as_of() }} and {{ as_of() }} < ends_at and known_from <= {{ as_of() }} and {{ as_of() }} < known_to
    group by identifier_key

),

customer_profile as (

    select
        person_id,
        country,
        greatest(last_ordered_at, last_engaged_at, last_session_at, last_posted_at) as last_active_at,
    from {{ ref('customer_profile') }}

),

-- what is held of everybody whom the recipient is permitted, usable or not
held as (

    select
        audience_members.recipient,
        audience_members.segment,
        audience_members.person_id,
        recipient_identifiers.identifier_key,
        recipient_identifiers.identifier_kind,
        coalesce(identifiers.guard_reason = 'role_mailbox', false) as is_role,
        recipient_identifiers.is_usable and recipient_identifiers.is_replaced is not true
            and dead_mailboxes.identifier_key is null as is_usable,
        if(
            audience_members.included and recipient_identifiers.is_usable and recipient_identifiers.is_replaced is not true,
            date_diff('day', person_identifiers.first_seen_at, {{ as_of() }}),
            null
        ) as age_days,
    from audience_members
    inner join recipient_identifiers
        on audience_members.recipient = recipient_identifiers.recipient
        and audience_members.person_id = recipient_identifiers.person_id
    left join identifiers on recipient_identifiers.identifier_key = identifiers.identifier_key
    left join person_identifiers
        on recipient_identifiers.person_id = person_identifiers.person_id
        and recipient_identifiers.identifier_key = person_identifiers.identifier_key
    left join dead_mailboxes on recipient_identifiers.identifier_key = dead_mailboxes.identifier_key

),

lists as (

    select
        recipient,
        segment,
        count(*) as identifiers,
        count(*) filter (not is_usable) / count(*) as share_unusable,
        count(*) filter (is_role) / nullif(count(*) filter (identifier_kind = 'email'), 0) as share_role_addresses,
        median(age_days) as median_identifier_age_days,
    from held
    group by recipient, segment

),

usable as (

    select recipient, segment, person_id, count(*) filter (is_usable) as identifiers,
    from held
    group by recipient, segment, person_id

),

people as (

    select
        audience_members.recipient,
        audience_members.segment,
        count(*) as people,
        count(*) filter (usable.identifiers >= 2) / count(*) as share_two_identifiers,
        count(*) filter (customer_profile.country is null) / count(*) as share_without_country,
        median(date_diff('day', customer_profile.last_active_at, {{ as_of() }})) as median_inactive_days,
    from audience_members
    left join usable
        on audience_members.recipient = usable.recipient
        and audience_members.segment = usable.segment
        and audience_members.person_id = usable.person_id
    left join customer_profile on audience_members.person_id = customer_profile.person_id
    where audience_members.included
    group by audience_members.recipient, audience_members.segment

),

described as (

    select
        lists.recipient,
        lists.segment,
        coalesce(people.people, 0) as people,
        lists.identifiers,
        if(recipients.takes_several, people.share_two_identifiers, null) as share_two_identifiers,
        lists.share_unusable,
        lists.share_role_addresses,
        people.share_without_country,
        lists.median_identifier_age_days,
        people.median_inactive_days,
    from lists
    inner join recipients on lists.recipient = recipients.recipient
    left join people on lists.recipient = people.recipient and lists.segment = people.segment

)

select * from described
