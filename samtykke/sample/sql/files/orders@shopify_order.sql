-- second and later items of an order leave the order's own columns empty
with shopify_order as (
    select *, ago(p, 'shopify order', 340) as created, 1 + draw(p, 'items', 3) as items
    from person
    where p < 4000 and email is not null and is_buyer and not is_lapsed and not is_newcomer and chance(p, 'in shopify', 5)
),
items as (
    select *, unnest(range(items)) as item from shopify_order
),
priced as (
    select items.*, product.name, product.product_id, price, sum(price) over (partition by items.p) as subtotal
    from items
    inner join product on product_no = draw(items.p * 4 + item, 'item', (select count(*) from product))
)
select
    '#' || (1000 + p) as "Name",
    case when item = 0 then email end as "Email",
    case when item = 0 then 'paid' end as "Financial Status",
    case when item = 0 then strftime(created + interval 122 minute, '%Y-%m-%d %H:%M:%S +0200') end as "Paid at",
    case when item = 0 then 'fulfilled' end as "Fulfillment Status",
    case when item = 0 then strftime(least(created + interval 26 hour, as_of()) + interval 2 hour, '%Y-%m-%d %H:%M:%S +0200') end as "Fulfilled at",
    case when item = 0 then 'no' end as "Accepts Marketing",
    case when item = 0 then 'DKK' end as "Currency",
    case when item = 0 then subtotal end as "Subtotal",
    case when item = 0 then 39.00 end as "Shipping",
    case when item = 0 then (subtotal * 0.2)::decimal(12, 2) end as "Taxes",
    case when item = 0 then subtotal + 39 end as "Total",
    null as "Discount Code",
    case when item = 0 then 0.00 end as "Discount Amount",
    case when item = 0 then 'Standard' end as "Shipping Method",
    strftime(created + interval 2 hour, '%Y-%m-%d %H:%M:%S +0200') as "Created at",
    1 as "Lineitem quantity",
    name as "Lineitem name",
    price as "Lineitem price",
    null as "Lineitem compare at price",
    product_id as "Lineitem sku",
    true as "Lineitem requires shipping",
    true as "Lineitem taxable",
    'fulfilled' as "Lineitem fulfillment status",
    case when item = 0 then country end as "Billing Country",
    case when item = 0 then country end as "Shipping Country",
    null as "Notes",
    null as "Cancelled at",
    case when item = 0 then 0.00 end as "Refunded Amount",
    'Shop Example' as "Vendor",
    case when item = 0 then 5500000000000 + p end as "Id",
    null as "Tags",
    case when item = 0 then 'web' end as "Source",
    case when item = 0 and national_phone is not null then '''+' || dial || national_phone end as "Phone",
from priced
order by p, item
