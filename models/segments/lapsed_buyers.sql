-- Compiled from models/segments/_segments__models.yml (95a828cbed48): change it there and run samtykke segment compile.
select person_id
from {{ ref('order_facts') }}
where
    person_id is not null
    and is_sale
group by person_id
having
    max(ordered_at) >= {{ as_of() }} - interval 3 year
    and max(ordered_at) < {{ as_of() }} - interval 1 year
