{{ built_after(['int_identity__rules']) }}
select * from {{ ref('int_identity__said') }}
where not {{ is_told_anew() }}
