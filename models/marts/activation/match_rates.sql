{{ config(tags=['after_export']) }}

with

reported_match_rates as (

    select * from {{ ref('reported_match_rates') }}

),

recipient_expectations as (

    select * from {{ ref('recipient_expectations') }}

),

audience_hygiene as (

    select * from {{ ref('audience_hygiene') }}

),

match_causes as (

    select * from {{ ref('match_causes') }}

),

-- each report against the ones before it of the same audience: recipients and audiences are not comparable
earlier as (

    select
        later.recipient,
        later.audience,
        later.report_date,
        count(*) as earlier_reports,
        median(before.rate_mid) as trailing_median,
    from reported_match_rates as later
    inner join recipient_expectations on later.recipient = recipient_expectations.recipient
    inner join reported_match_rates as before
        on later.recipient = before.recipient
        and later.audience = before.audience
        and before.report_date < later.report_date
        and before.report_date >= later.report_date - recipient_expectations.report_days
        and before.rate_mid is not null
    group by later.recipient, later.audience, later.report_date

),

-- what we hold of the people in the audience that may keep its rate low
measured as (

    select
        audience_hygiene.recipient,
        audience_hygiene.segment,
        match_causes.cause,
        match_causes.says,
        match_causes.worse_when,
        match_causes.threshold,
        match_causes.measure like 'share%' as is_share,
        case match_causes.measure
            when 'share_two_identifiers' then audience_hygiene.share_two_identifiers
            when 'share_unusable' then audience_hygiene.share_unusable
            when 'share_role_addresses' then audience_hygiene.share_role_addresses
            when 'share_without_country' then audience_hygiene.share_without_country
            when 'median_identifier_age_days' then audience_hygiene.median_identifier_age_days
            when 'median_inactive_days' then audience_hygiene.median_inactive_days
        end as value,
    from audience_hygiene
    cross join match_causes

),

explained as (

    select
        recipient,
        segment,
        list(if(is_share, printf('%.0f %% ', 100 * value), printf('%.0f ', value)) || says order by cause) as explanation,
    from measured
    where if(worse_when = 'below', value < threshold, value > threshold)
    group by recipient, segment

),

dated as (

    select
        *,
        row_number() over (partition by recipient, audience order by report_date desc) = 1 as is_latest,
    from reported_match_rates

),

compared as (

    select
        dated.recipient,
        dated.audience,
        dated.report_date,
        dated.definition,
        dated.measured_against,
        dated.received,
        dated.invalid,
        dated.matched_low,
        dated.matched_high,
        dated.reach,
        dated.invalid_rate,
        dated.rate_low,
        dated.rate_mid,
        dated.rate_high,
        coalesce(earlier.earlier_reports, 0) as earlier_reports,
        earlier.trailing_median,
        dated.is_latest,
        if(dated.is_latest, audience_hygiene.median_identifier_age_days, null) as median_identifier_age_days,
        coalesce(
            earlier.earlier_reports >= recipient_expectations.reports_needed
            and dated.rate_mid < earlier.trailing_median * (1 - recipient_expectations.largest_drop),
            false
        ) as has_dropped,
        coalesce(
            dated.is_latest
            and dated.rate_mid < recipient_expectations.low_match_share
            and audience_hygiene.median_identifier_age_days < recipient_expectations.fresh_days,
            false
        ) as is_low_though_fresh,
        if(dated.is_latest, coalesce(explained.explanation, []), null) as explanation,
    from dated
    left join recipient_expectations on dated.recipient = recipient_expectations.recipient
    left join earlier
        on dated.recipient = earlier.recipient
        and dated.audience = earlier.audience
        and dated.report_date = earlier.report_date
    left join audience_hygiene
        on dated.recipient = audience_hygiene.recipient and dated.audience = audience_hygiene.segment
    left join explained on dated.recipient = explained.recipient and dated.audience = explained.segment

),

judged as (

    select
        *,
        case
            when rate_mid is null then 'unknown'
            when has_dropped then 'dropped'
            when is_low_though_fresh then 'low_though_fresh'
            else 'as_expected'
        end as status,
    from compared

)

select * from judged
