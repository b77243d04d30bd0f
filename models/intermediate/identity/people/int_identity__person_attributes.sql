{{ config(materialized='view') }}

with attribute_values as (

    select * from {{ ref('int_identity__attribute_values') }}

),

golden as (

    select
        person_id,
        attribute,
        value,
        source,
        record_key,
        told_at,
        supporting_records,
        records,
    from attribute_values
    where place = 1

)

select * from golden
