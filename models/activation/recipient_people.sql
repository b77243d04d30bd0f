select * from {{ recipient_people(ref('recipient_identifiers')) }}
