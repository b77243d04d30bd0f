{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_touched() }}",
) }}
{{ built_after(['int_identity__rules']) }}
{%- set records -%}
    select mentions.identifier_number as group_id, mentions.name_number, mentions.birth_date,
    from {{ touched_mentions() }} as mentions
{%- endset -%}

with people as (

    select * from {{ people_of_groups(records) }}

),

-- only then asked of what kind it is: few identifiers are of contradicting people
dividing as (

    select numbers.identifier_number
    from {{ ref('int_identity__numbers') }} as numbers
    inner join {{ ref('identity_rules') }} as rules on numbers.kind_family = rules.identifier_kind
    where rules.divides_people and {{ only_touched('numbers.identifier_number') }}

),

shared as (

    select
        people.group_id as identifier_number,
        people.name_number,
        people.birth_date,
        people.scope,
    from people
    semi join dividing on people.group_id = dividing.identifier_number

)

select * from shared
