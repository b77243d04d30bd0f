with person_records as (

    select * from {{ ref('int_identity__person_records') }}
    where entity = 'contacts'

),

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

source_priorities as (

    select * from {{ ref('source_priorities') }}

),

told as (

    select
        person_records.person_id,
        said.attribute,
        said.value,
        contacts.source,
        contacts.record_key,
        coalesce(contacts.updated_at, contacts.first_seen_at) as told_at,
    from contacts
    inner join person_records on contacts.record_key = person_records.record_key
    cross join unnest([
        {'attribute': 'country', 'value': contacts.country},
        {'attribute': 'language', 'value': contacts.language},
        {'attribute': 'birth_date', 'value': cast(contacts.birth_date as varchar)},
    ]) as told (said)
    where said.value is not null

),

-- a priority for the attribute goes before one for the whole source; a source nobody ranked comes last
ranked as (

    select
        told.*,
        coalesce(for_attribute.priority, for_source.priority, 100) as priority,
        count(*) over (partition by told.person_id, told.attribute, told.value) as supporting_records,
        count(*) over (partition by told.person_id, told.attribute) as records,
    from told
    left join source_priorities as for_attribute
        on told.source = for_attribute.source and told.attribute = for_attribute.attribute
    left join source_priorities as for_source
        on told.source = for_source.source and for_source.attribute = '*'

),

golden as (

    select
        person_id,
        attribute,
        value,
        source,
        record_key,
        told_at,
        supporting_records,
        records,
    from ranked
    qualify row_number() over (
        partition by person_id, attribute
        order by priority, told_at desc, supporting_records desc, value, record_key
    ) = 1

)

select * from golden
