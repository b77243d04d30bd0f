with

order_gaps as (

    select * from {{ ref('int_behaviour__order_gaps') }}

),

order_pace as (

    select * from {{ ref('int_behaviour__order_pace') }}

),

-- Credibility (Bühlmann 1967): the company's pace counts for as much as some gaps of the person's own, so that one short
-- pause is no habit and a long history speaks for itself. Where the company has no pace, the person's own stands alone.
paced as (

    select
        order_gaps.person_id,
        order_gaps.last_ordered_at,
        case
            when order_gaps.gaps = 0 then null
            else (
                order_gaps.gaps * order_gaps.median_gap_days
                + {{ var('next_order_prior_gaps') }} * coalesce(order_pace.median_gap_days, order_gaps.median_gap_days)
            ) / (order_gaps.gaps + {{ var('next_order_prior_gaps') }})
        end as expected_gap_days,
    from order_gaps
    left join order_pace on true

),

expected as (

    select
        person_id,
        cast(round(expected_gap_days, 1) as decimal(9, 1)) as expected_gap_days,
        last_ordered_at + to_days(cast(round(expected_gap_days) as integer)) as expected_next_order_at,
        if(expected_gap_days is null, 'one_purchase_day', null) as no_expectation_reason,
    from paced

)

select * from expected
