select * from {{ recipient_people(ref('recipient_identifiers_at') ~ '(moment, known)') }}
