{{ config(materialized='view') }}

with guarded_identifiers as (

    select * from {{ ref('int_identity__guarded_identifiers') }}

),

numbers as (

    select identifier_number, identifier_key from {{ ref('int_identity__numbers') }}

),

-- the guards are kept without keys: most of what asks for them goes by numbers
identified as (

    select
        coalesce(numbers.identifier_key, guarded_identifiers.unknown_key) as identifier_key,
        guarded_identifiers.* exclude (unknown_key),
    from guarded_identifiers
    left join numbers on guarded_identifiers.identifier_number = numbers.identifier_number

)

select * from identified
