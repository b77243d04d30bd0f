with identifiers as (

    select * from {{ ref('stg_landing__identifiers') }}

),

numbered as (

    select
        row_number() over () as identifier_number,
        identifier_key,
        identifier_kind,
        is_blocked,
        block_reason,
    from identifiers

)

select * from numbered
