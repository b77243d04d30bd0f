with

-- what a file brought in one load never changes: its place says what a row holds
email_events as (

    select email_key, file_id, loaded_at, line_number from {{ ref('stg_email__deliveries') }}

),

identifier_persons as (

    select * from {{ ref('int_behaviour__identifier_persons') }}

),

-- a sum, because rows have no order
delivered as (

    select email_key, sum(hash(file_id, loaded_at, line_number)) as events from email_events
    group by email_key

),

withheld_identifiers as (

    select identifier_key, person_id from {{ ref('int_identity__withheld_identifiers') }}
    where purpose = 'analytics.behaviour'

),

digested as (

    select
        delivered.email_key,
        hash(delivered.events, identifier_persons.person_id, withheld_identifiers.identifier_key is not null) as digest,
    from delivered
    left join identifier_persons on delivered.email_key = identifier_persons.identifier_key
    left join withheld_identifiers
        on delivered.email_key = withheld_identifiers.identifier_key
        and identifier_persons.person_id = withheld_identifiers.person_id

)

select * from digested
