{{ config(meta={'dagster': {'ref': {'name': 'int_identity__permitting_records'}}}) }}

-- Who permits a use does so through a record: where none was found, nothing would be withheld for it.
with permissions as (

    select person_permissions.person_id, person_permissions.purpose
    from {{ ref('int_consent__person_permissions') }} as person_permissions
    inner join {{ ref('purposes') }} as purposes on person_permissions.purpose = purposes.purpose
    where
        person_permissions.is_permitted and not purposes.is_permitted_by_contract
        and person_permissions.channel is null and person_permissions.recipient is null

),

permitting as (

    select person_id, purpose from {{ ref('int_identity__permitting_records') }}
    group by person_id, purpose

)

select * from permissions
anti join permitting on permissions.person_id = permitting.person_id and permissions.purpose = permitting.purpose
