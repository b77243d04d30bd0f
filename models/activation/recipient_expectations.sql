with

recipients as (

    select recipient, export_format, minimum_matched, from {{ ref('recipients') }}

),

export_formats as (

    select export_format, minimum_matched, from {{ ref('export_formats') }}

),

audience_expectations as (

    select * from {{ ref('audience_expectations') }}

),

reported_match_rates as (

    select * from {{ ref('reported_match_rates') }}

),

-- a recipient's own row, else the one for all
declared as (

    select
        recipients.recipient,
        -- the platform's own floor holds where a recipient declares a lower one or none; a package's format is not listed
        greatest(recipients.minimum_matched, export_formats.minimum_matched) as minimum_matched,
        audience_expectations.* exclude (recipient, source),
    from recipients
    left join export_formats on recipients.export_format = export_formats.export_format
    inner join audience_expectations on audience_expectations.recipient in (recipients.recipient, '*')
    qualify row_number() over (
        partition by recipients.recipient order by audience_expectations.recipient = '*'
    ) = 1

),

-- what the recipient reported lately, of all its audiences
lately as (

    select
        declared.recipient,
        count(*) as reports,
        median(reported_match_rates.rate_low) as rate_low,
        median(reported_match_rates.rate_mid) as rate_mid,
        median(reported_match_rates.rate_high) as rate_high,
    from declared
    inner join reported_match_rates on declared.recipient = reported_match_rates.recipient
    where
        reported_match_rates.rate_mid is not null
        and reported_match_rates.report_date > cast({{ as_of() }} as date) - declared.report_days
    group by declared.recipient

),

judged as (

    select
        declared.*,
        coalesce(lately.reports, 0) as reports,
        coalesce(lately.reports >= declared.reports_needed, false) as is_reported,
        lately.rate_low,
        lately.rate_mid,
        lately.rate_high,
    from declared
    left join lately on declared.recipient = lately.recipient

),

expected as (

    select
        recipient,
        if(is_reported, 'reports', 'prior') as basis,
        reports,
        if(is_reported, rate_low, prior_match_share) as share_low,
        if(is_reported, rate_mid, prior_match_share) as expected_share,
        if(is_reported, rate_high, prior_match_share) as share_high,
        coalesce(minimum_matched, 1) as platform_minimum,
        coalesce(business_minimum, {{ var('business_minimum_matched') }}) as business_minimum,
        low_match_share,
        fresh_days,
        largest_drop,
        report_days,
        reports_needed,
    from judged

)

select * from expected
