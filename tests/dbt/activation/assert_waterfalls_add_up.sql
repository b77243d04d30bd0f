-- Nobody is lost or counted twice on the way from everybody known to whom the recipient matched; the file and what left
-- are counted again in another way.
{{ config(tags=['after_export'], meta={'dagster': {'ref': {'name': 'audience_waterfall'}}}) }}

with

waterfall as (

    select *, lag(people) over (partition by recipient, segment order by step_number) as people_before,
    from {{ ref('audience_waterfall') }}

),

files as (

    select recipient, segment, count(*) as people, from {{ ref('audience_members') }}
    where included
    group by recipient, segment

),

-- who is in the file and whom the recipient holds something of
received as (

    select audience_identifiers.recipient, audience_identifiers.segment, count(distinct person_id) as people,
    from {{ ref('audience_identifiers') }} as audience_identifiers
    semi join {{ source('ledger', 'sent_identifiers') }} as sent_identifiers
        on audience_identifiers.recipient = sent_identifiers.recipient
        and audience_identifiers.segment = sent_identifiers.segment
        and audience_identifiers.identifier_key = sent_identifiers.identifier_key
        and sent_identifiers.as_of <= {{ as_of() }}
    group by audience_identifiers.recipient, audience_identifiers.segment

),

broken as (

    select waterfall.*
    from waterfall
    left join files on waterfall.recipient = files.recipient and waterfall.segment = files.segment
    left join received on waterfall.recipient = received.recipient and waterfall.segment = received.segment
    where
        not (coalesce(waterfall.people_before, waterfall.people) - waterfall.dropped = waterfall.people)
        or waterfall.dropped < 0
        or waterfall.people < 0
        or (waterfall.dropped > 0) <> (waterfall.reason is not null)
        or not (waterfall.people between waterfall.people_low and waterfall.people_high)
        or (waterfall.step = 'in_file' and waterfall.people <> coalesce(files.people, 0))
        or (waterfall.step = 'received' and waterfall.people <> coalesce(received.people, 0))

)

select * from broken
