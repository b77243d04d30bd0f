{{ config(tags=['after_export']) }}

with

campaigns as (

    select * from {{ ref('campaigns') }}

),

audience_readiness as (

    select recipient, segment, addressable, expected_matched, status, from {{ ref('audience_readiness') }}

),

recipients as (

    select recipient, from {{ ref('recipients') }}
    where channel = 'ads_audience'

),

flight_rules as (

    select * from {{ ref('flight_rules') }}

),

exchange_rates as (

    select * from {{ ref('exchange_rates') }}
    where valid_from <= cast({{ as_of() }} as date)
    qualify row_number() over (partition by currency order by valid_from desc) = 1

),

-- what is planned, and the smallest plan of every audience that nothing is planned for
flights as (

    select true as is_planned, *, from campaigns

    union all by name

    select false as is_planned, audience_readiness.recipient, audience_readiness.segment,
    from audience_readiness
    inner join recipients on audience_readiness.recipient = recipients.recipient
    anti join campaigns
        on audience_readiness.recipient = campaigns.recipient and audience_readiness.segment = campaigns.segment

),

ruled as (

    select
        flights.* exclude (ads, currency),
        flight_rules.* exclude (recipient, ads, currency, source),
        coalesce(flights.ads, flight_rules.ads) as ads,
        upper(coalesce(flights.currency, flight_rules.currency)) as currency,
        flight_rules.currency as rule_currency,
    from flights
    inner join flight_rules on flight_rules.recipient in (flights.recipient, '*')
    qualify row_number() over (
        partition by flights.is_planned, flights.campaign, flights.recipient, flights.segment, flights.starts_on
        order by flight_rules.recipient = '*'
    ) = 1

),

sized as (

    select
        ruled.*,
        audience_readiness.addressable as people,
        audience_readiness.expected_matched,
        audience_readiness.status as readiness,
        coalesce(ruled.expected_reach, audience_readiness.expected_matched) as reach,
        if(ruled.is_planned, date_diff('day', ruled.starts_on, ruled.ends_on) + 1, ruled.maximum_days) as flight_days,
        own.units_per_eur / rule.units_per_eur as own_per_rule_unit,
    from ruled
    left join audience_readiness
        on ruled.recipient = audience_readiness.recipient and ruled.segment = audience_readiness.segment
    left join exchange_rates as own on ruled.currency = own.currency
    left join exchange_rates as rule on ruled.rule_currency = rule.currency

),

-- so much per ad and per thousand people, begun thousands whole
priced as (

    select
        *,
        minimum_budget * ads * ceil(people / per_people) as rule_minimum,
        round(minimum_budget * ads * ceil(people / per_people) * own_per_rule_unit, 2) as flight_minimum,
        expected_impressions / nullif(reach, 0) as frequency,
        reach / nullif(people, 0) as saturation,
    from sized

),

checked as (

    select
        *,
        list_filter(
            [
                if(people is null, 'audience_unknown', null),
                if(readiness <> 'ready', readiness, null),
                if(flight_days < 1, 'ends_before_it_starts', null),
                if(flight_days > maximum_days, 'flight_too_long', null),
                if(own_per_rule_unit is null, 'currency_unknown', null),
                if(budget < flight_minimum, 'budget_below_minimum', null),
                if(frequency > maximum_frequency, 'frequency_above_cap', null),
                if(saturation > maximum_saturation, 'audience_saturated', null),
            ],
            lambda problem: problem is not null
        ) as problems,
    from priced

),

planned as (

    select
        campaign,
        is_planned,
        recipient,
        segment,
        ads,
        starts_on,
        ends_on,
        flight_days,
        maximum_days,
        people,
        expected_matched,
        reach as expected_reach,
        expected_impressions,
        frequency as expected_frequency,
        maximum_frequency,
        saturation,
        maximum_saturation,
        currency,
        budget,
        flight_minimum as minimum_budget,
        rule_currency,
        rule_minimum as minimum_budget_by_rule,
        round(flight_minimum / nullif(ads, 0), 2) as minimum_per_ad,
        round(flight_minimum / nullif(flight_days, 0), 2) as minimum_per_day,
        coalesce(budget >= flight_minimum, false) as is_budget_enough,
        coalesce(flight_days between 1 and maximum_days, false) as is_short_enough,
        readiness,
        problems,
        len(problems) = 0 as is_sound,
    from checked

)

select * from planned
