{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
with person_records as (

    select * from {{ of_work('int_identity__person_records') }}
    where entity = 'contacts'

),

contacts as (

    select * from {{ ref('int_identity__work_contacts') }}

),

source_priorities as (

    select * from {{ ref('source_priorities') }}

),

withheld_records as (

    select record_key, purpose from {{ ref('int_identity__withheld_records') }}

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
        {'attribute': 'country', 'purpose': 'service', 'value': contacts.country},
        {'attribute': 'language', 'purpose': 'service', 'value': contacts.language},
        {'attribute': 'birth_date', 'purpose': 'analytics.behaviour', 'value': cast(contacts.birth_date as varchar)},
    ]) as told (said)
    -- a value is told for what it is shown for only
    anti join withheld_records
        on contacts.record_key = withheld_records.record_key and said.purpose = withheld_records.purpose
    where said.value is not null

),

-- what is said of the attribute goes before what is said of the whole source; a source nobody ranked comes last
ranked as (

    select
        told.*,
        coalesce(for_attribute.verification, for_source.verification, 9) as verification,
        coalesce(for_attribute.priority, for_source.priority, 100) as priority,
    from told
    left join source_priorities as for_attribute
        on told.source = for_attribute.source and told.attribute = for_attribute.attribute
    left join source_priorities as for_source
        on told.source = for_source.source and for_source.attribute = '*'

),

-- each value by its best record
valued as (

    select
        *,
        count(*) over (partition by person_id, attribute, value) as supporting_records,
        count(*) over (partition by person_id, attribute) as records,
    from ranked
    qualify row_number() over (
        partition by person_id, attribute, value
        order by verification, priority, told_at desc, record_key
    ) = 1

),

placed as (

    select
        *,
        row_number() over golden as place,
        first_value(verification) over golden as best_verification,
        first_value(priority) over golden as best_priority,
        first_value(told_at) over golden as best_told_at,
        first_value(supporting_records) over golden as best_support,
    from valued
    window golden as (
        partition by person_id, attribute
        order by verification, priority, told_at desc, supporting_records desc, value, record_key
    )

),

judged as (

    select
        person_id,
        attribute,
        value,
        place,
        case
            when place = 1 then null
            when verification > best_verification then 'verification'
            when priority > best_priority then 'source_priority'
            when told_at < best_told_at then 'recency'
            when supporting_records < best_support then 'frequency'
            else 'tie'
        end as lost_by,
        source,
        record_key,
        told_at,
        supporting_records,
        records,
    from placed

)

select * from judged
