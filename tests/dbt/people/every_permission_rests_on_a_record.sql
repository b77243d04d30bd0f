{{ config(meta={'dagster': {'ref': {'name': 'int_identity__permitted_uses'}}}) }}

-- Who permits a use does so through a record: where none was found, nothing would be withheld for it. Of the people that the
-- last build told; of the others an earlier one was held to it.
with told as (

    select person_records.person_id
    from {{ ref('int_identity__person_records') }} as person_records
    inner join {{ ref('int_identity__groups') }} as groups on person_records.record_number = groups.record_number
    group by person_records.person_id

),

permissions as (

    select person_permissions.person_id, person_permissions.purpose
    from {{ ref('int_consent__person_permissions') }} as person_permissions
    inner join {{ ref('purposes') }} as purposes on person_permissions.purpose = purposes.purpose
    semi join told on person_permissions.person_id = told.person_id
    where
        person_permissions.is_permitted and not purposes.is_permitted_by_contract
        and person_permissions.channel is null and person_permissions.recipient is null

)

select * from permissions
anti join {{ ref('int_identity__permitted_uses') }} as permitted_uses
    on permissions.person_id = permitted_uses.person_id and permissions.purpose = permitted_uses.purpose
