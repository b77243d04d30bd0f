select person_id
from {{ ref('customer_profile') }}
where first_seen_at >= {{ as_of() }} - interval 30 day
