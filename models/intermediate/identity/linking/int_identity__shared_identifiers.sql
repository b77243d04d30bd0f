{%- set records -%}
    select mentions.identifier_number as group_id, mentions.name_number, mentions.birth_date,
    from {{ ref('int_identity__mentions') }} as mentions
    inner join {{ ref('int_identity__numbers') }} as numbers on mentions.identifier_number = numbers.identifier_number
    inner join {{ ref('identity_rules') }} as rules on split_part(numbers.identifier_kind, ':', 1) = rules.identifier_kind
    where rules.divides_people
{%- endset -%}

with people as (

    select * from {{ people_of_groups(records) }}

),

shared as (

    select
        group_id as identifier_number,
        name_number,
        birth_date,
        scope,
    from people

)

select * from shared
