select person_id
from {{ ref('order_facts') }}
where person_id is not null and is_sale and ordered_at >= {{ as_of() }} - interval 1 year
group by person_id
having count(distinct (source, order_id)) >= 2
