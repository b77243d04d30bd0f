{{ config(tags=['after_export']) }}
{%- set z = var('lift_confidence_z') -%}

with

audience_draws as (

    select * from {{ source('ledger', 'audience_draws') }}

),

segment_properties as (

    select segment, holdout_salt, holdout_share, from {{ source('lineage', 'segment_properties') }}

),

person_aliases as (

    select person_id, current_person_id, from {{ ref('int_identity__person_aliases') }}

),

segment_permissions as (

    select segment, person_id, from {{ ref('segment_permissions') }}
    where is_permitted

),

recipient_people as (

    select recipient, person_id, from {{ ref('recipient_people') }}
    where is_permitted

),

order_facts as (

    select person_id, ordered_at, from {{ ref('order_facts') }}
    where is_sale

),

-- everybody who was drawn in the experiment that runs now, by the first night; records that are one person since
-- count once
drawn as (

    select
        audience_draws.recipient,
        audience_draws.segment,
        audience_draws.holdout_share,
        person_aliases.current_person_id as person_id,
        audience_draws.is_held_out,
        audience_draws.entered_at,
    from audience_draws
    inner join segment_properties
        on audience_draws.segment = segment_properties.segment
        and audience_draws.holdout_salt = segment_properties.holdout_salt
        and audience_draws.holdout_share = segment_properties.holdout_share
    inner join person_aliases on audience_draws.person_id = person_aliases.person_id
    where audience_draws.entered_at <= {{ as_of() }} and person_aliases.current_person_id is not null
    qualify row_number() over (
        partition by audience_draws.recipient, audience_draws.segment, person_aliases.current_person_id
        order by audience_draws.entered_at, audience_draws.seq
    ) = 1

),

-- consented people only, in both arms; whoever was not observed for the whole window is not counted yet
observed as (

    select drawn.*, drawn.entered_at + to_days({{ var('lift_window_days') }}) as observed_until,
    from drawn
    semi join segment_permissions
        on drawn.segment = segment_permissions.segment and drawn.person_id = segment_permissions.person_id
    semi join recipient_people
        on drawn.recipient = recipient_people.recipient and drawn.person_id = recipient_people.person_id
    where drawn.entered_at + to_days({{ var('lift_window_days') }}) <= {{ as_of() }}

),

buyers as (

    select observed.recipient, observed.segment, observed.person_id,
    from observed
    inner join order_facts
        on observed.person_id = order_facts.person_id
        and observed.entered_at <= order_facts.ordered_at
        and order_facts.ordered_at < observed.observed_until
    group by observed.recipient, observed.segment, observed.person_id

),

-- intention to treat: by the arm that was drawn, whatever reached whom
arms as (

    select
        observed.recipient,
        observed.segment,
        any_value(observed.holdout_share) as holdout_share,
        count(*) filter (not observed.is_held_out) as treatment_people,
        count(*) filter (observed.is_held_out) as holdout_people,
        count(buyers.person_id) filter (not observed.is_held_out) as treatment_conversions,
        count(buyers.person_id) filter (observed.is_held_out) as holdout_conversions,
        min(observed.entered_at) as first_entered_at,
        max(observed.entered_at) as last_entered_at,
    from observed
    left join buyers
        on observed.recipient = buyers.recipient
        and observed.segment = buyers.segment
        and observed.person_id = buyers.person_id
    group by observed.recipient, observed.segment

),

-- the purchases of a few would be somebody's
shown as (

    select
        * exclude (treatment_conversions, holdout_conversions),
        if(is_enough, treatment_conversions, null) as treatment_conversions,
        if(is_enough, holdout_conversions, null) as holdout_conversions,
    from (
        select *, least(treatment_people, holdout_people) >= {{ var('anonymous_group_minimum') }} as is_enough,
        from arms
    )

),

compared as (

    select
        *,
        treatment_conversions / nullif(treatment_people, 0) as treatment_rate,
        holdout_conversions / nullif(holdout_people, 0) as holdout_rate,
        {{ wilson_bound('treatment_conversions', 'treatment_people', '-', z) }} as treatment_low,
        {{ wilson_bound('treatment_conversions', 'treatment_people', '+', z) }} as treatment_high,
        {{ wilson_bound('holdout_conversions', 'holdout_people', '-', z) }} as holdout_low,
        {{ wilson_bound('holdout_conversions', 'holdout_people', '+', z) }} as holdout_high,
        (treatment_people + holdout_people) * holdout_share as holdout_expected,
    from shown

),

-- Newcombe's hybrid score interval (1998, method 10) of the difference; Pearson's chi-square of the arms' sizes
measured as (

    select
        recipient,
        segment,
        is_enough,
        {{ var('lift_window_days') }} as window_days,
        holdout_share,
        treatment_people,
        holdout_people,
        treatment_conversions,
        holdout_conversions,
        treatment_rate,
        holdout_rate,
        treatment_rate - holdout_rate as lift,
        treatment_rate - holdout_rate
            - sqrt(pow(treatment_rate - treatment_low, 2) + pow(holdout_high - holdout_rate, 2)) as lift_low,
        treatment_rate - holdout_rate
            + sqrt(pow(treatment_high - treatment_rate, 2) + pow(holdout_rate - holdout_low, 2)) as lift_high,
        (treatment_rate - holdout_rate) / nullif(holdout_rate, 0) as relative_lift,
        holdout_expected,
        pow(holdout_people - holdout_expected, 2) / nullif(holdout_expected, 0)
            + pow(holdout_people - holdout_expected, 2)
            / nullif(treatment_people + holdout_people - holdout_expected, 0) as ratio_chi_square,
        first_entered_at,
        last_entered_at,
    from compared

),

judged as (

    select
        * exclude (is_enough),
        ratio_chi_square > {{ var('sample_ratio_critical') }} as is_ratio_off,
        case
            when not is_enough then 'too_few_people'
            when ratio_chi_square > {{ var('sample_ratio_critical') }} then 'sample_ratio_mismatch'
            when lift_low > 0 then 'positive'
            when lift_high < 0 then 'negative'
            else 'no_difference_shown'
        end as verdict,
    from measured

)

select * from judged
