with

told_in_files as (

    select * exclude (loaded_at), from {{ ref('stg_ads__platform_reports') }}

),

builds as (

    select build_id, recipient, segment, adds, removes, as_of, from {{ source('ledger', 'export_build_states') }}
    where state = 'acknowledged'

),

batches as (

    select
        builds.recipient,
        builds.segment as audience,
        cast(builds.as_of as date) as report_date,
        batch_states.matched_low,
        batch_states.matched_high,
        coalesce(batch_states.rejected, 0) as invalid,
        coalesce(batch_states.accepted + coalesce(batch_states.rejected, 0), batch_states.row_count) as received,
    from {{ source('ledger', 'delivery_batch_states') }} as batch_states
    inner join builds on batch_states.build_id = builds.build_id
    where batch_states.state = 'acknowledged' and batch_states.operation <> 'remove'
        and batch_states.matched_high is not null and builds.as_of <= {{ as_of() }}

),

-- an interface tells of the rows that it has just taken, a report of the whole list: on one day the report counts
told_by_interfaces as (

    select
        recipient,
        audience,
        report_date,
        'people found among the rows that the interface took that day' as definition,
        cast(sum(received) as bigint) as received,
        cast(sum(invalid) as bigint) as invalid,
        cast(sum(matched_low) as bigint) as matched_low,
        cast(sum(matched_high) as bigint) as matched_high,
    from batches
    group by recipient, audience, report_date

),

platform_reports as (

    select * from told_in_files

    union all by name

    select * from told_by_interfaces
    anti join told_in_files using (recipient, audience, report_date)

),

-- a report that does not say what was received is measured against the rows that we had sent by then
sent as (

    select
        platform_reports.recipient,
        platform_reports.audience,
        platform_reports.report_date,
        greatest(sum(builds.adds - builds.removes), 0) as rows_sent,
    from platform_reports
    inner join builds
        on platform_reports.recipient = builds.recipient
        and platform_reports.audience = builds.segment
        and cast(builds.as_of as date) <= platform_reports.report_date
    group by platform_reports.recipient, platform_reports.audience, platform_reports.report_date

),

measured as (

    select
        platform_reports.*,
        if(platform_reports.received is not null, 'received', 'sent') as measured_against,
        nullif(coalesce(platform_reports.received, sent.rows_sent), 0) as measured_of,
        coalesce(platform_reports.matched_low, platform_reports.matched_high) as at_least,
        coalesce(platform_reports.matched_high, platform_reports.matched_low) as at_most,
    from platform_reports
    left join sent
        on platform_reports.recipient = sent.recipient
        and platform_reports.audience = sent.audience
        and platform_reports.report_date = sent.report_date

),

-- platforms round their ranges: nobody matches more than everybody
rated as (

    select
        recipient,
        audience,
        report_date,
        definition,
        received,
        invalid,
        matched_low,
        matched_high,
        reach,
        measured_against,
        if(at_least > measured_of, 1, at_least / measured_of) as rate_low,
        if((at_least + at_most) / 2 > measured_of, 1, (at_least + at_most) / 2 / measured_of) as rate_mid,
        if(at_most > measured_of, 1, at_most / measured_of) as rate_high,
        if(invalid > measured_of, 1, invalid / measured_of) as invalid_rate,
    from measured

)

select * from rated
