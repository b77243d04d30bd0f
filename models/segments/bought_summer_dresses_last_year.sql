-- A dress made for summer, bought at any time of last year, or any dress bought in its summer.
select person_id
from {{ ref('order_facts') }}
where
    person_id is not null
    and is_sale
    and product_type = 'dress'
    and 'summer' in (product_season, order_season)
    and ordered_at >= date_trunc('year', {{ as_of() }}) - interval 1 year
    and ordered_at < date_trunc('year', {{ as_of() }})
group by person_id
