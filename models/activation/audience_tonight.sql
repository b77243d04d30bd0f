{{ config(tags=['after_export']) }}

with

audience_waterfall as (

    select * from {{ ref('audience_waterfall') }}

),

audience_receipts as (

    select * from {{ ref('audience_receipts') }}

),

audience_terms as (

    select * from {{ ref('audience_terms') }}

),

recipients as (

    select recipient, export_format, ttl_days, from {{ ref('recipients') }}

),

export_formats as (

    select export_format, ttl_days_max, from {{ ref('export_formats') }}

),

-- the waterfall of an audience on one line
counted as (

    select
        recipient,
        segment,
        coalesce(sum(people) filter (step = 'in_segment'), 0) as eligible,
        coalesce(sum(people) filter (step = 'not_suppressed'), 0) as consented,
        coalesce(sum(dropped) filter (step = 'not_held_out'), 0) as held_out,
        coalesce(sum(people) filter (step = 'addressable'), 0) as addressable,
        coalesce(sum(people) filter (step = 'under_cap'), 0) as sendable,
        coalesce(sum(people) filter (step = 'in_file'), 0) as in_file,
        coalesce(sum(people) filter (step = 'sent'), 0) as sent,
        coalesce(sum(people) filter (step = 'received'), 0) as received,
        sum(people_low) filter (step = 'matched' and report_date is not null) as matched_low,
        sum(people_high) filter (step = 'matched' and report_date is not null) as matched_high,
        max(report_date) as report_date,
    from audience_waterfall
    group by recipient, segment

),

described as (

    select
        counted.recipient,
        counted.segment,
        {{ as_of() }} as as_of,
        cast(counted.eligible as bigint) as eligible,
        cast(counted.consented as bigint) as consented,
        cast(counted.held_out as bigint) as held_out,
        cast(counted.addressable as bigint) as addressable,
        cast(counted.sendable as bigint) as sendable,
        cast(counted.in_file as bigint) as in_file,
        cast(counted.sent as bigint) as sent,
        cast(counted.received as bigint) as received,
        cast(counted.matched_low as bigint) as matched_low,
        cast(counted.matched_high as bigint) as matched_high,
        counted.report_date,
        audience_receipts.last_sent_at,
        audience_terms.ends_at,
        audience_receipts.oldest_sent_at
            + to_days(least(recipients.ttl_days, export_formats.ttl_days_max)) as forgotten_at,
    from counted
    left join audience_receipts
        on counted.recipient = audience_receipts.recipient and counted.segment = audience_receipts.segment
    left join audience_terms
        on counted.recipient = audience_terms.recipient and counted.segment = audience_terms.segment
    left join recipients on counted.recipient = recipients.recipient
    left join export_formats on recipients.export_format = export_formats.export_format

)

select * from described
