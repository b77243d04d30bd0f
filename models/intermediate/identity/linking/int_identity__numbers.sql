{{ config(materialized='view') }}

with identifiers as (

    select * from {{ ref('stg_landing__identifiers') }}

),

numbered as (

    select
        {{ key_number('identifier_key') }} as identifier_number,
        identifier_key,
        identifier_kind,
        kind_family,
        is_blocked,
        block_reason,
    from identifiers

)

select * from numbered
