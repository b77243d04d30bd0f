{{ config(tags=['after_export']) }}

with

audience_nights as (

    select * from {{ source('ledger', 'audience_nights') }}

),

audience_tonight as (

    select * from {{ ref('audience_tonight') }}

),

recipient_expectations as (

    select * from {{ ref('recipient_expectations') }}

),

-- the nights before are as they were recorded; tonight is as it was just counted
nights as (

    select audience_nights.* exclude (seq, row_hash, prev_hash), audience_nights.seq,
    from audience_nights
    where cast(as_of as date) < cast({{ as_of() }} as date)

    union all by name

    select *, null as seq, from audience_tonight

),

days as (

    select cast(as_of as date) as day, *
    from nights
    where as_of > {{ as_of() }} - to_days({{ var('audience_health_days') }})
    qualify row_number() over (
        partition by recipient, segment, cast(as_of as date) order by as_of desc, seq desc
    ) = 1

),

judged as (

    select
        days.recipient,
        days.segment,
        days.day,
        days.as_of,
        days.eligible,
        days.consented,
        days.held_out,
        days.addressable,
        days.in_file,
        days.sent,
        days.received,
        days.matched_low,
        days.matched_high,
        days.consented / nullif(days.eligible, 0) as consented_rate,
        days.addressable / nullif(days.consented - days.held_out, 0) as addressable_rate,
        days.sent / nullif(days.in_file, 0) as sent_rate,
        (days.matched_low + days.matched_high) / 2 / nullif(days.received, 0) as match_rate,
        cast(round(days.sendable * recipient_expectations.expected_share) as bigint) as expected_matched,
        cast(round(days.sendable * recipient_expectations.expected_share) as bigint)
            < recipient_expectations.platform_minimum as is_below_floor,
        date_diff('hour', days.last_sent_at, days.as_of) as freshness_hours,
        date_diff('day', days.as_of, days.ends_at) as days_to_end,
        date_diff('day', days.as_of, days.forgotten_at) as days_to_forgetting,
        date_diff('day', days.as_of, least(days.ends_at, days.forgotten_at)) as days_to_expiry,
        days.report_date,
        days.last_sent_at,
        days.ends_at,
        days.forgotten_at,
    from days
    inner join recipient_expectations on days.recipient = recipient_expectations.recipient

)

select * from judged
