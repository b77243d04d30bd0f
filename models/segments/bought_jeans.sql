select person_id
from {{ ref('order_facts') }}
where
    person_id is not null
    and is_sale
    and product_type = 'jeans'
    and ordered_at >= {{ as_of() }} - interval 2 year
group by person_id
