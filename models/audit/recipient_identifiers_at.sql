select * from {{ recipient_identifiers(ref('exit_permissions_at') ~ '(moment, known)') }}
