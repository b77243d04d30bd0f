with

segment_destinations as (

    select * from {{ source('lineage', 'segment_destinations') }}

),

segment_properties as (

    select * from {{ source('lineage', 'segment_properties') }}

),

builds as (

    select recipient, segment, as_of, from {{ source('ledger', 'export_build_states') }}
    where state <> 'aborted' and adds > 0 and as_of <= {{ as_of() }}

),

first_sent as (

    select recipient, segment, min(as_of) as first_sent_at,
    from builds
    group by recipient, segment

),

-- its time runs from the first night that something left, tonight if it is the first, or from the day that its owner
-- renewed it on
dated as (

    select
        segment_destinations.segment,
        segment_destinations.recipient,
        segment_properties.ttl_days,
        segment_properties.renewed_on,
        coalesce(first_sent.first_sent_at, {{ as_of() }}) as begins_at,
    from segment_destinations
    left join segment_properties on segment_destinations.segment = segment_properties.segment
    left join first_sent
        on segment_destinations.segment = first_sent.segment
        and segment_destinations.recipient = first_sent.recipient

),

ending as (

    select *, greatest(begins_at, cast(renewed_on as timestamp)) + to_days(ttl_days) as ends_at,
    from dated

),

judged as (

    select *, coalesce(ends_at <= {{ as_of() }}, false) as is_ended,
    from ending

)

select * from judged
