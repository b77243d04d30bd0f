{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_changed('identifier_number') }}") }}

with facts as (

    select * from {{ ref('int_consent__identifier_facts') }}
    where {{ only_changed('identifier_number') }}

),

acts as (

    select * from {{ ref('int_consent__acts') }}

),

combinations as (

    select * from {{ ref('int_consent__combinations') }}

),

purposes as (

    select * from {{ ref('purposes') }}

),

keys as (

    select
        identifier_number,
        key_number,
        key_number % {{ combinations_per_identifier() }} as combination_id,
    from acts
    where identifier_number in (select identifier_number from facts)
    group by identifier_number, key_number

),

-- a list closes channels only, and only for purposes that lists may stop
concerned as (

    select
        keys.identifier_number,
        keys.key_number,
        facts.fact,
        facts.begins_at,
        facts.ends_at,
        facts.known_from,
        facts.known_to,
    from facts
    inner join keys
        on facts.identifier_number = keys.identifier_number
    inner join combinations
        on keys.combination_id = combinations.combination_id
    inner join purposes
        on combinations.purpose = purposes.purpose
    where
        facts.fact <> 'suppressed'
        or (purposes.is_suppressible and coalesce(facts.channel, combinations.channel) = combinations.channel)

)

select * from concerned
