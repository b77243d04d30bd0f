select * from {{ recipient_identifiers(ref('int_consent__exit_permissions')) }}
