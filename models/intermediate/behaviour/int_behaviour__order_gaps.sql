with

order_lines as (

    select * from {{ ref('int_behaviour__order_lines') }}
    where person_id is not null and is_sale

),

person_uses as (

    select person_id from {{ ref('int_behaviour__person_uses') }}
    where may_analyse

),

withheld_records as (

    select record_key, purpose from {{ ref('int_identity__withheld_records') }}
    where purpose = 'analytics.behaviour'

),

-- Two orders of one day are one errand: a gap of nothing says nothing about when somebody comes back.
purchase_days as (

    select
        order_lines.person_id,
        cast(order_lines.ordered_at as date) as purchase_day,
        max(order_lines.ordered_at) as last_ordered_at,
    from order_lines
    inner join person_uses on order_lines.person_id = person_uses.person_id
    anti join withheld_records
        on {{ record_key('orders', ['order_lines.source', 'order_lines.order_id']) }} = withheld_records.record_key
    group by order_lines.person_id, cast(order_lines.ordered_at as date)

),

spaced as (

    select
        *,
        date_diff('day', lag(purchase_day) over (partition by person_id order by purchase_day), purchase_day) as gap_days,
    from purchase_days

),

summed as (

    select
        person_id,
        count(gap_days) as gaps,
        cast(median(gap_days) as double) as median_gap_days,
        max(last_ordered_at) as last_ordered_at,
    from spaced
    group by person_id

)

select * from summed
