{{ config(meta={'dagster': {'ref': {'name': 'person_timeline'}}}) }}

-- The timeline is the one mart whose rows rest on different uses: each row against the permission of its own use.
with permitted as (

    select person_id, purpose,
    from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null and is_permitted

)

select timeline.person_id, timeline.kind, timeline.purpose,
from {{ ref('person_timeline') }} as timeline
left join permitted on timeline.person_id = permitted.person_id and timeline.purpose = permitted.purpose
where permitted.person_id is null
