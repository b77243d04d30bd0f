with

audience_members as (

    select * from {{ ref('audience_members') }}
    where included

),

recipient_identifiers as (

    select * from {{ ref('recipient_identifiers') }}
    where is_permitted and is_usable and is_replaced is not true and ends_at is null

),

recipients as (

    select recipient, purpose, from {{ ref('recipients') }}

),

segment_purposes as (

    select segment, list(distinct purpose order by purpose) as purposes,
    from {{ source('lineage', 'segment_purposes') }}
    group by segment

),

-- what each audience is for, told once for all its rows
audience_purposes as (

    select
        recipients.recipient,
        segment_purposes.segment,
        list_sort(list_distinct(list_append(segment_purposes.purposes, recipients.purpose))) as purposes,
    from recipients
    cross join segment_purposes

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
        audience_purposes.purposes,
    from audience_members
    inner join recipient_identifiers
        on audience_members.recipient = recipient_identifiers.recipient
        and audience_members.person_id = recipient_identifiers.person_id
    inner join audience_purposes
        on audience_members.recipient = audience_purposes.recipient
        and audience_members.segment = audience_purposes.segment

)

select * from listed
