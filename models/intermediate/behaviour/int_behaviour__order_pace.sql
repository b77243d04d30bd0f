with

order_gaps as (

    select * from {{ ref('int_behaviour__order_gaps') }}
    where gaps > 0

),

-- everybody counts once, however often they buy; the pace of too few people would be somebody's
usual as (

    select median(median_gap_days) as median_gap_days
    from order_gaps
    having count(distinct person_id) >= {{ var('anonymous_group_minimum') }}

)

select * from usual
