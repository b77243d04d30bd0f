select *
from {{ exit_permissions(ref('permission_at') ~ '(moment, known)', ref('denials_at') ~ '(moment, known)') }}
