with

audience_members as (

    select * from {{ ref('audience_members') }}
    where included

),

recipient_identifiers as (

    select * from {{ ref('recipient_identifiers') }}
    where is_permitted and is_usable and ends_at is null

),

recipients as (

    select recipient, purpose, from {{ ref('recipients') }}

),

segment_purposes as (

    select segment, list(distinct purpose order by purpose) as purposes,
    from {{ source('lineage', 'segment_purposes') }}
    group by segment

),

-- every permitted and usable identifier of everybody included; the clear value joins in the export step only
listed as (

    select
        audience_members.recipient,
        audience_members.segment,
        audience_members.person_id,
        recipient_identifiers.identifier_key,
        recipient_identifiers.identifier_kind,
        recipient_identifiers.country,
        recipient_identifiers.event_id as authorising_event_id,
        list_sort(list_distinct(list_append(segment_purposes.purposes, recipients.purpose))) as purposes,
    from audience_members
    inner join recipient_identifiers
        on audience_members.recipient = recipient_identifiers.recipient
        and audience_members.person_id = recipient_identifiers.person_id
    inner join recipients on audience_members.recipient = recipients.recipient
    inner join segment_purposes on audience_members.segment = segment_purposes.segment

)

select * from listed
