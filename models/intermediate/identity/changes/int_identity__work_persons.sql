{{ built_after(['int_identity__rules']) }}
-- whoever is or was somebody by one of the records: a person is where its anchor record is
with anchors as (

    select person_id, anchor_record_key from {{ ref('int_identity__person_anchors') }}

),

worked as (

    select person_id from anchors
    where anchor_record_key in (select record_key from {{ ref('int_identity__work') }})

)

select * from worked
where not {{ is_told_anew() }}
