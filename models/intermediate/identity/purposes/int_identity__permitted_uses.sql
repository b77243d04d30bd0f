{{ built_after(['int_identity__rules']) }}
with permissions as (

    select * from {{ of_work('int_consent__permissions', 'identifier_key') }}
    where channel is null and recipient is null and controller = {{ own_controller() }} and is_permitted

),

purposes as (

    select purpose from {{ ref('purposes') }}
    where kind = 'use' and not is_permitted_by_contract

),

link_purposes as (

    select * from {{ ref('link_purposes') }}

),

person_identifiers as (

    select
        person_id,
        identifier_key,
        identifier_kind,
        link_kind,
        is_blocked or is_shared as is_mute,
        link_kind is distinct from 'device' as is_counted,
    from {{ of_work('int_identity__person_identifiers', 'person_id') }}

),

-- whom likeness made one: what identifiers and consent leave is several parts
alike as (

    select person_records.person_id
    from {{ of_work('int_identity__alike_decisions', 'record_key', own='record_a') }} as decisions
    inner join {{ ref('int_identity__record_parts') }} as a on {{ key_number('decisions.record_a') }} = a.record_number
    inner join {{ ref('int_identity__record_parts') }} as b on {{ key_number('decisions.record_b') }} = b.record_number
    inner join {{ ref('int_identity__person_records') }} as person_records on a.record_number = person_records.record_number
    where decisions.decision in ('automatic', 'accepted') and a.part_id <> b.part_id
    group by person_records.person_id

),

granted as (

    select
        person_identifiers.person_id,
        permissions.purpose,
        count(*) filter (person_identifiers.is_counted) as identifiers,
    from permissions
    semi join purposes on permissions.purpose = purposes.purpose
    inner join person_identifiers on permissions.identifier_key = person_identifiers.identifier_key
    where not person_identifiers.is_mute
    group by person_identifiers.person_id, permissions.purpose

),

held as (

    select person_id, count(*) as identifiers, from person_identifiers
    where is_counted
    group by person_id

),

kinds as (

    select identifier_kind, split_part(identifier_kind, ':', 1) as link, from person_identifiers
    where link_kind in ('contact', 'name')
    group by identifier_kind

),

-- links that do not serve a purpose: of most purposes there are none, and nobody has to be looked at
unserving as (

    select kinds.identifier_kind, used.purpose
    from kinds
    cross join (select purpose, from granted group by purpose) as used
    anti join link_purposes on kinds.link = link_purposes.link and used.purpose = link_purposes.purpose

),

linked_otherwise as (

    select granted.person_id, granted.purpose
    from unserving
    inner join granted on unserving.purpose = granted.purpose
    inner join person_identifiers
        on granted.person_id = person_identifiers.person_id
        and unserving.identifier_kind = person_identifiers.identifier_kind
    where person_identifiers.link_kind in ('contact', 'name')
    union
    select granted.person_id, granted.purpose
    from alike
    inner join granted on alike.person_id = granted.person_id
    anti join link_purposes on link_purposes.link = 'likeness' and granted.purpose = link_purposes.purpose

),

-- every record of a person names an identifier that is counted: where all of these say yes, all records do
judged as (

    select
        granted.person_id,
        granted.purpose,
        granted.identifiers = coalesce(held.identifiers, 0) as is_whole,
        linked_otherwise.person_id is null as is_served,
    from granted
    left join held on granted.person_id = held.person_id
    left join linked_otherwise
        on granted.person_id = linked_otherwise.person_id and granted.purpose = linked_otherwise.purpose

)

select * from judged
