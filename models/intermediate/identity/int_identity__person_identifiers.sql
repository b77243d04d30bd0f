with claims as (

    select * from {{ ref('int_identity__claims') }}

),

identifiers as (

    select * from {{ ref('int_identity__identifiers') }}

),

linked_identifiers as (

    select * from {{ ref('int_identity__linked_identifiers') }}

),

person_records as (

    select * from {{ ref('int_identity__person_records') }}

),

-- a device that several people use belongs to none of them
shared as (

    select identifier_key, bool_or(is_shared) as is_shared, from linked_identifiers
    group by identifier_key

),

held as (

    select
        person_records.person_id,
        claims.identifier_key,
        min(claims.first_seen_at) as first_seen_at,
        list(distinct claims.source order by claims.source) as sources,
    from claims
    inner join person_records on claims.record_key = person_records.record_key
    group by person_records.person_id, claims.identifier_key

),

described as (

    select
        held.person_id,
        held.identifier_key,
        identifiers.identifier_kind,
        identifiers.link_kind,
        identifiers.is_blocked,
        not identifiers.is_blocked
            and (identifiers.link_scope = 'nowhere'
                or coalesce(shared.is_shared, false)
                or (identifiers.link_scope = 'source' and count(*) over (partition by held.identifier_key) > 1)
            ) as is_shared,
        case
            when identifiers.link_scope <> 'everywhere' then identifiers.guard_reason
            when shared.is_shared then 'several_people'
        end as link_reason,
        held.first_seen_at,
        held.sources,
    from held
    inner join identifiers on held.identifier_key = identifiers.identifier_key
    left join shared on held.identifier_key = shared.identifier_key

)

select * from described
where link_kind is distinct from 'device' or not is_shared
