select person_id
from {{ ref('ambassadors') }}
where tier in ('ambassador', 'advocate')
