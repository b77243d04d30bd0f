with

told as (

    select * from {{ source('told', 'identity_deliveries') }}

),

rows_now as (

    {{ identity_rows() }}

),

delivered as (

    select
        entity,
        delivery_id,
        count(*) as rows,
        sum(row_id) as row_sum,
    from rows_now
    group by entity, delivery_id

),

compared as (

    select
        entity,
        delivery_id,
        coalesce(delivered.rows, 0) as rows,
        coalesce(delivered.row_sum, 0)::hugeint as row_sum,
        (delivered.rows, delivered.row_sum) is distinct from (told.rows, told.row_sum) as is_changed,
    from delivered
    full join told using (entity, delivery_id)

)

select * from compared
