{{ built_after(['int_identity__rules']) }}
with

buckets as (

    select bucket from {{ ref('int_identity__fact_sums') }}
    where is_changed
    group by bucket

),

told as (

    select * from {{ source('told', 'identity_facts') }}
    where part not in ('replaced', 'unknown') and {{ fact_bucket() }} in (select bucket from buckets)

),

now as (

    select * from ({{ identity_facts() }})
    where {{ fact_bucket() }} in (select bucket from buckets)

),

changed as (

    select part, identifier_number, digest, true as is_gone from told
    anti join now using (part, identifier_number, digest)
    union all
    select part, identifier_number, digest, false from now
    anti join told using (part, identifier_number, digest)

)

select * from changed
where not {{ is_told_anew() }}
