with permissions as (

    select person_id, purpose from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null and is_permitted

),

gates as (

    select person_id from {{ ref('int_profile__gates') }}
    where may_serve

),

persons as (

    select person_id, record_count from {{ ref('int_identity__persons') }}

),

use_parts as (

    select * from {{ ref('int_identity__use_parts') }}
    where is_permitting

),

parts as (

    select person_id, purpose, part_key, is_shown, records, from use_parts
    group by all

),

-- Of whom the profile tells keeps the id; who stands beside has one made of it that means nothing elsewhere.
told as (

    select
        permissions.person_id,
        permissions.purpose,
        if(
            coalesce(parts.is_shown, true), permissions.person_id,
            md5(concat_ws('|', permissions.person_id, permissions.purpose, parts.part_key))::uuid
        ) as purpose_person_id,
        coalesce(parts.is_shown, true) as is_shown,
        coalesce(parts.records, persons.record_count) as records,
        persons.record_count - coalesce(parts.records, persons.record_count) as other_records,
    from permissions
    inner join gates on permissions.person_id = gates.person_id
    inner join persons on permissions.person_id = persons.person_id
    left join parts on permissions.person_id = parts.person_id and permissions.purpose = parts.purpose

)

select * from told
