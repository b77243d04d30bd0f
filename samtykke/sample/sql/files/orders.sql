select
    source,
    order_id,
    case when customer_no is not null and (source = 'store' and chance(order_no, 'card', 75) or source = 'shop' and chance(order_no, 'signed in', 40)) then customer_no end as contact_id,
    case when source = 'shop' then spelled_email(email, order_no) end as email,
    case when source = 'store' and contact_id is null and chance(order_no, 'gives number', 70) then spelled_phone(dial, trunk, national_phone, order_no) end as phone,
    iso(ordered_at) as ordered_at,
    status,
    placed_order.currency,
    total,
    placed_order.country,
from placed_order
inner join (select order_no, sum(quantity * unit_price) as total from order_line group by order_no) as totals using (order_no)
left join person using (p)
order by order_no
