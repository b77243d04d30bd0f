with orders as (

    select * from {{ entity_versions('orders', source('raw', 'orders')) }}

),

versions as (

    select
        source,
        order_id,
        crm_key,
        email_key,
        phone_key,
        version_number,
    from orders

)

select * from versions
