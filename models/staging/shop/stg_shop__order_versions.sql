with orders as (

    select * from {{ named_versions(
        source('raw', 'orders'),
        key=['source', 'order_id'],
        identifiers=['crm_key', 'email_key', 'phone_key'],
        happened_at='ordered_at',
        newest_first='loaded_at desc, file_id desc, line_number desc'
    ) }}

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
