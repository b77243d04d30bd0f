with permitting_records as (

    select * from {{ ref('int_identity__permitting_records') }}

),

persons as (

    select person_id, record_count from {{ ref('int_identity__persons') }}

),

person_records as (

    select person_id, record_number from {{ ref('int_identity__person_records') }}

),

record_parts as (

    select record_number, part_id from {{ ref('int_identity__record_parts') }}

),

person_identifiers as (

    select person_id, split_part(identifier_kind, ':', 1) as link from {{ ref('int_identity__person_identifiers') }}
    where link_kind in ('contact', 'name')

),

link_purposes as (

    select * from {{ ref('link_purposes') }}

),

permitted as (

    select person_id, purpose, count(*) as records, from permitting_records
    group by person_id, purpose

),

-- what links some records of the person
linked as (

    select person_id, link from person_identifiers
    group by all
    union all
    select person_records.person_id, 'likeness' from person_records
    inner join record_parts on person_records.record_number = record_parts.record_number
    group by person_records.person_id
    having min(record_parts.part_id) < max(record_parts.part_id)

),

kinds as (

    select linked.person_id, count(*) as links, from linked
    group by linked.person_id

),

usable_kinds as (

    select linked.person_id, link_purposes.purpose, count(*) as links,
    from linked
    inner join link_purposes on linked.link = link_purposes.link
    group by linked.person_id, link_purposes.purpose

),

-- Where every record says yes and every kind of link serves the purpose there is one person for it, and nothing to work out.
doubtful as (

    select permitted.person_id, permitted.purpose
    from permitted
    inner join persons on permitted.person_id = persons.person_id
    left join kinds on permitted.person_id = kinds.person_id
    left join usable_kinds
        on permitted.person_id = usable_kinds.person_id and permitted.purpose = usable_kinds.purpose
    where
        persons.record_count > 1
        and (permitted.records < persons.record_count or coalesce(usable_kinds.links, 0) < coalesce(kinds.links, 0))

)

select * from doubtful
