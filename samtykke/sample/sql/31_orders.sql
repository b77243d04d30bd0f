-- What was bought: by taste and season, in the shop and at the till, by known people and by nobody in particular.
create table ordering as
with by_person as (
    select
        p,
        unnest(range(case
            when is_newcomer then 1 + draw(p, 'orders', 2)
            when is_lapsed then 1 + draw(p, 'orders', 3)
            else 1 + draw(p, 'orders', 5) + case when chance(p, 'regular', 5) then draw(p, 'many', 20) else 0 end
        end)) as n,
    from person
    where is_buyer
)
select
    p * 32 + n as order_no, p, n, false as is_shared,
    case
        when is_newcomer then since(p * 32 + n, 'ordered', created_at)
        -- last year's summer, for those who like dresses; a lapsed buyer's was a year ago at least
        when is_lapsed and favourite = 'dresses' and n = 0 and last_summer() + interval 28 day < as_of() - interval 1 year
            then last_summer() + to_seconds(draw(p * 32 + n, 'ordered', 28 * 86400))
        when is_lapsed then as_of() - to_days((400 + draw(p * 32 + n, 'ordered', 480))::int) + to_seconds(draw(p * 32 + n, 'clock', 86400))
        when favourite = 'dresses' and n = 0
            then last_summer() + to_seconds(draw(p * 32 + n, 'ordered', 92 * 86400))
        when n <= 1 then ago(p * 32 + n, 'ordered', 350)
        else ago(p * 32 + n, 'ordered', 900)
    end as ordered_at,
from by_person
inner join person using (p)
union all
select people() * 32 + share_visit_no, visitor, 9, true, started_at + interval 10 minute
from share_visit
where has_order
union all
-- nobody in particular
select people() * 64 + i, null, 9, false, ago(i, 'anonymous order', 900)
from range(people() // 16) as series(i);

create table placed_order as
select
    ordering.order_no, ordering.p, ordering.is_shared, ordering.n,
    case when ordering.is_shared or chance(order_no, 'shop', 80) and email is not null then 'shop' else 'store' end as source,
    'SO' || (10000 + order_no) as order_id,
    ordered_at,
    ['paid', 'paid', 'paid', 'shipped', 'shipped', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered',
        'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'cancelled', 'refunded', 'pending'][1 + draw(order_no, 'status', 20)] as status,
    coalesce(currency, 'DKK') as currency,
    coalesce(rate, 1) as rate,
    coalesce(country, 'DK') as country,
    favourite,
from ordering
left join person using (p);

create table order_line as
with lines as (
    select *, unnest(range(1 + draw(order_no, 'lines', 3))) as line
    from placed_order
),
chosen as (
    select
        lines.*,
        case
            when favourite = 'dresses' and n = 0 and line = 0 then summer.first_no + draw(order_no, 'dress', summer.products)
            when favourite is not null and (line = 0 or chance(order_no * 4 + line, 'favourite', 30))
                then aisle.first_no + draw(order_no * 4 + line, 'product', aisle.products)
            else draw(order_no * 4 + line, 'any product', (select count(*) from product))
        end as product_no,
    from lines
    left join aisle on aisle.aisle = favourite
    cross join (select min(product_no) as first_no, count(*) as products from product where season = 'summer') as summer
)
select
    order_no, line + 1 as line_id, source, order_id, product_id, name, currency, ordered_at,
    1 + case when chance(order_no * 4 + line, 'two', 12) then 1 else 0 end as quantity,
    (price * rate)::decimal(12, 2) as unit_price,
    case when status = 'refunded' or chance(order_no * 4 + line, 'returned', 6) then 1 else 0 end as returned_quantity,
from chosen
inner join product using (product_no);
