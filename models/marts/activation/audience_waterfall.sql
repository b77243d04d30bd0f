{{ config(tags=['after_export']) }}

with

audience_step_counts as (

    select * from {{ ref('audience_step_counts') }}

),

audience_receipts as (

    select * from {{ ref('audience_receipts') }}

),

recipient_expectations as (

    select recipient, report_days, from {{ ref('recipient_expectations') }}

),

reported_match_rates as (

    select * from {{ ref('reported_match_rates') }}

),

steps as (

    select * from {{ ref('audience_steps') }}
    where counted_from <> 'people'

),

-- the newest word of the recipient on an audience, unless it is too old to speak of it
reports as (

    select reported_match_rates.*,
    from reported_match_rates
    inner join recipient_expectations on reported_match_rates.recipient = recipient_expectations.recipient
    where reported_match_rates.report_date > cast({{ as_of() }} as date) - recipient_expectations.report_days
    qualify row_number() over (
        partition by reported_match_rates.recipient, reported_match_rates.audience
        order by reported_match_rates.report_date desc
    ) = 1

),

files as (

    select recipient, segment, people, from audience_step_counts
    qualify row_number() over (partition by recipient, segment order by step_number desc) = 1

),

joined as (

    select
        files.recipient,
        files.segment,
        files.people as in_file,
        coalesce(audience_receipts.people_sent, 0) as sent,
        coalesce(audience_receipts.people_answered, 0) as answered,
        coalesce(audience_receipts.people_received, 0) as received,
        reports.invalid_rate,
        reports.rate_low,
        reports.rate_mid,
        reports.rate_high,
        reports.report_date,
        reports.definition,
    from files
    left join audience_receipts
        on files.recipient = audience_receipts.recipient and files.segment = audience_receipts.segment
    left join reports on files.recipient = reports.recipient and files.segment = reports.audience

),

-- a platform never says who matched: its shares are held to the people whom it received
shared as (

    select
        *,
        received - cast(round(received * coalesce(invalid_rate, 0)) as bigint) as valid,
        cast(round(received * coalesce(rate_low, 0)) as bigint) as at_least,
        cast(round(received * coalesce(rate_mid, 0)) as bigint) as in_the_middle,
        cast(round(received * coalesce(rate_high, 1)) as bigint) as at_most,
    from joined

),

stepped as (

    select
        shared.recipient,
        shared.segment,
        steps.step,
        steps.step_number,
        steps.counted_from,
        steps.reason,
        shared.in_file,
        case steps.step
            when 'sent' then shared.sent
            when 'answered' then shared.answered
            when 'received' then shared.received
            when 'valid' then shared.valid
            when 'reported' then if(shared.rate_mid is not null, shared.valid, 0)
            when 'matched' then least(shared.in_the_middle, shared.valid)
        end as people,
        if(steps.step = 'matched', least(shared.at_least, shared.valid), null) as people_low,
        case steps.step
            when 'reported' then shared.valid
            when 'matched' then least(shared.at_most, shared.valid)
        end as people_high,
        if(steps.counted_from = 'report', shared.report_date, null) as report_date,
        if(steps.counted_from = 'report', shared.definition, null) as definition,
    from shared
    cross join steps

),

fallen as (

    select
        recipient,
        segment,
        step,
        step_number,
        people,
        coalesce(lag(people) over (partition by recipient, segment order by step_number), in_file) - people as dropped,
        reason,
        counted_from,
        coalesce(people_low, people) as people_low,
        coalesce(people_high, people) as people_high,
        report_date,
        definition,
    from stepped

),

everything as (

    select
        recipient,
        segment,
        step,
        step_number,
        people,
        dropped,
        reason,
        'people' as counted_from,
        people as people_low,
        people as people_high,
        cast(null as date) as report_date,
        cast(null as varchar) as definition,
    from audience_step_counts

    union all by name

    select * exclude (reason), if(dropped > 0, reason, null) as reason,
    from fallen

)

select * from everything
order by recipient, segment, step_number
