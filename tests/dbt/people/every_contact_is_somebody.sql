{{ config(meta={'dagster': {'ref': {'name': 'customer_profile'}}}) }}

-- A contact known by one nickname, without an address, is a full citizen from landing to profile: none may fall out on the way.
select contacts.record_key,
from {{ ref('stg_crm__contacts') }} as contacts
left join {{ ref('int_identity__person_records') }} as person_records on contacts.record_key = person_records.record_key
left join {{ ref('customer_profile') }} as profile on person_records.person_id = profile.person_id
where profile.person_id is null
