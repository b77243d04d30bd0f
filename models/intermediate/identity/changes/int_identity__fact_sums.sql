with

told as (

    select * from {{ source('told', 'identity_fact_sums') }}

),

facts as (

    {{ identity_facts() }}

),

summed as (

    select
        part,
        {{ fact_bucket() }} as bucket,
        sum(hash(identifier_number, digest)) as fact_sum,
    from facts
    group by part, bucket

),

compared as (

    select
        part,
        bucket,
        summed.fact_sum,
        summed.fact_sum is distinct from told.fact_sum as is_changed,
    from summed
    full join told using (part, bucket)

)

select * from compared
