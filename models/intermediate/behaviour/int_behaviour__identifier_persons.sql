with

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}

),

withheld_identifiers as (

    select * from {{ ref('int_identity__withheld_identifiers') }}

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

),

-- a social name, or a browser, serves one thing; where nobody permits that for it, it is nobody's
usable as (

    select unambiguous.* from unambiguous
    anti join withheld_identifiers
        on unambiguous.identifier_key = withheld_identifiers.identifier_key
        and unambiguous.person_id = withheld_identifiers.person_id
        and case
            when starts_with(unambiguous.identifier_kind, 'handle:') then withheld_identifiers.purpose = 'enrichment.social'
            when unambiguous.identifier_kind in ('cookie', 'mobile_ad_id')
                then withheld_identifiers.purpose in ('analytics.behaviour', 'identity.linking')
            else false
        end

)

select * from usable
