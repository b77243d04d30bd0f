{%- set records -%}
    select claims.identifier_key as group_id, claims.name_number, claims.birth_date,
    from {{ ref('int_identity__claims') }} as claims
    inner join {{ ref('identity_rules') }} as rules on claims.kind_family = rules.identifier_kind
    where rules.divides_people
{%- endset -%}

with people as (

    select * from {{ people_of_groups(records) }}

),

shared as (

    select
        group_id as identifier_key,
        name_number,
        birth_date,
        scope,
    from people

)

select * from shared
