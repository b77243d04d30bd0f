with

recipient_identifiers as (

    select * from {{ recipient_identifiers(ref('int_consent__exit_permissions'), is_stored=true) }}

),

ending_recipients as (

    select * from {{ ref('ending_recipients') }}

),

-- what is permitted tonight may be permitted no more when the next run comes
dated as (

    select recipient_identifiers.*, ending_recipients.ends_at,
    from recipient_identifiers
    left join ending_recipients
        on recipient_identifiers.recipient = ending_recipients.recipient
        and recipient_identifiers.identifier_key = ending_recipients.identifier_key

)

select * from dated
