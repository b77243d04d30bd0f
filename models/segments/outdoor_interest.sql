select person_id
from {{ ref('person_interests') }}
where
    interest_id in ('outdoor', 'hiking', 'camping', 'cycling', 'running', 'skiing')
    and polarity > 0
group by person_id
