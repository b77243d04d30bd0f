with

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}

),

-- A placeholder or an identifier that several people hold says nothing about who acted: it attributes to nobody.
unambiguous as (

    select
        identifier_key,
        any_value(identifier_kind) as identifier_kind,
        any_value(person_id) as person_id,
    from person_identifiers
    group by identifier_key
    having
        count(distinct person_id) = 1
        and not bool_or(coalesce(is_blocked, true))
        and not bool_or(coalesce(is_shared, true))

)

select * from unambiguous
