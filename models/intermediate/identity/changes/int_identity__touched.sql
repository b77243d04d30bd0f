{{ built_after(['int_identity__rules']) }}
-- read once: every question about these identifiers looks through all records
select * from {{ ref('int_identity__mentions') }}
where
    not {{ is_told_anew() }}
    and identifier_number in (select identifier_number from {{ source('told', 'identity_touched') }})
