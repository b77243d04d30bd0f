select *
from {{ person_permissions(ref('permission_at') ~ '(moment, known)', ref('denials_at') ~ '(moment, known)') }}
