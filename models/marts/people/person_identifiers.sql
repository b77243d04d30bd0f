with identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}

),

gates as (

    select * from {{ ref('int_profile__gates') }}
    where may_serve

),

-- a social name is listed under enrichment.social; a device is linked to a person under identity.linking only
permitted as (

    select
        identifiers.person_id,
        identifiers.identifier_key,
        identifiers.identifier_kind,
        identifiers.is_blocked,
        identifiers.is_shared,
        identifiers.link_reason,
        identifiers.sources,
        identifiers.first_seen_at,
    from identifiers
    inner join gates on identifiers.person_id = gates.person_id
    where gates.may_use_social or not starts_with(identifiers.identifier_kind, 'handle:')

)

select * from permitted
