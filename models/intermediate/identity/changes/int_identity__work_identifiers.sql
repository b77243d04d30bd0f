{{ built_after(['int_identity__rules']) }}
with

identifiers as (

    select * from {{ ref('int_identity__guarded_identifiers') }}

),

numbers as (

    select identifier_number, identifier_key from {{ ref('int_identity__numbers') }}

),

named as (

    select identifier_number from ({{ mentions_of(ref('int_identity__work')) }})
    union
    select identifier_number from {{ source('told', 'identity_touched') }}
    where identifier_number is not null

),

worked as (

    select
        named.identifier_number,
        coalesce(numbers.identifier_key, identifiers.unknown_key) as identifier_key,
        identifiers.identifier_number is null as is_gone,
        identifiers.* exclude (identifier_number, unknown_key),
    from named
    left join identifiers on named.identifier_number = identifiers.identifier_number
    left join numbers on named.identifier_number = numbers.identifier_number

)

select * from worked
where not {{ is_told_anew() }}
