select person_id
from {{ ref('order_facts') }}
where person_id is not null and is_sale
group by person_id
having
    max(ordered_at) < {{ as_of() }} - interval 1 year
    and max(ordered_at) >= {{ as_of() }} - interval 3 year
