with person_shares as (

    select * from {{ ref('int_behaviour__person_shares') }}

),

tiers as (

    select * from {{ ref('ambassador_tiers') }}

),

-- Each part is capped, so that nobody becomes an ambassador by sharing a hundred links that no one opens,
-- and the whole fades with the time since the last share. The score depends on the person's own acts and those they
-- brought: a score relative to others would change when somebody else withdraws.
scored as (

    select
        *,
        round(
            (
                least(counted_shares, {{ var('ambassador_share_cap') }}) * 1.0
                + least(counted_visits, {{ var('ambassador_visit_cap') }}) * 2.0
                + least(counted_orders, {{ var('ambassador_order_cap') }}) * 5.0
            ) * pow(0.5, greatest(date_diff('day', last_shared_at, {{ as_of() }}), 0) / {{ var('ambassador_half_life_days') }}.0),
            4
        ) as score,
    from person_shares

),

tiered as (

    select
        scored.person_id,
        tiers.tier,
        scored.score,
        scored.shares,
        scored.referred_visits,
        scored.referred_persons,
        scored.referred_orders,
        scored.counted_shares,
        scored.counted_visits,
        scored.counted_orders,
        scored.first_shared_at,
        scored.last_shared_at,
    from scored
    inner join tiers
        on scored.score >= tiers.minimum_score
        and scored.counted_visits >= tiers.minimum_referred_visits
    qualify row_number() over (partition by scored.person_id order by tiers.minimum_score desc, tiers.tier) = 1

)

select * from tiered
