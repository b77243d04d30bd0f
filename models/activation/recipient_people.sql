with

recipient_people as (

    select * from {{ recipient_people(ref('recipient_identifiers')) }}

),

lasting as (

    select recipient, person_id, from {{ ref('recipient_identifiers') }}
    where is_permitted and is_usable and ends_at is null
    group by recipient, person_id

),

dated as (

    select recipient_people.*, lasting.person_id is not null as is_lasting,
    from recipient_people
    left join lasting
        on recipient_people.recipient = lasting.recipient and recipient_people.person_id = lasting.person_id

)

select * from dated
