with acts as (

    select * from {{ ref('int_consent__acts') }}

),

identifiers as (

    select * from {{ ref('int_consent__identifiers') }}

),

combinations as (

    select * from {{ ref('int_consent__combinations') }}

),

numbers as (

    select
        key_number,
        key_number // {{ combinations_per_identifier() }} as identifier_number,
        key_number % {{ combinations_per_identifier() }} as combination_id,
        min(earliest_at) filter (where effect = 'positive') as first_grant_at,
        bool_or(effect = 'positive' and is_guardian) as has_guardian,
    from acts
    group by key_number

),

named as (

    select
        numbers.key_number,
        identifiers.identifier_key,
        identifiers.identifier_kind,
        identifiers.controller,
        combinations.purpose,
        combinations.channel,
        combinations.recipient,
        numbers.first_grant_at,
        numbers.has_guardian,
    from numbers
    inner join identifiers
        on numbers.identifier_number = identifiers.identifier_number
    inner join combinations
        on numbers.combination_id = combinations.combination_id

)

select * from named
