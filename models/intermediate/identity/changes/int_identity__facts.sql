{{ built_after(['int_identity__rules']) }}
with

told as (

    select * from {{ source('told', 'identity_facts') }}
    where part not in ('replaced', 'unknown')

),

now as (

    {{ identity_facts() }}

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
