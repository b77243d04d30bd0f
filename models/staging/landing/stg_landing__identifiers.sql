with identifiers as (

    select * from {{ source('raw', 'identifiers') }}

),

named as (

    select
        identifier_key,
        identifier_kind,
        split_part(identifier_kind, ':', 1) as kind_family,
        is_blocked,
        block_reason,
        phone_region,
        phone_type,
        first_seen_at as first_loaded_at,
    from identifiers

)

select * from named
