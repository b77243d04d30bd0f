select * from {{ recipient_people(ref('recipient_identifiers'), is_dated=true) }}
