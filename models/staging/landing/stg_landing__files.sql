with files as (

    select * from {{ source('raw', 'files') }}

),

named as (

    select
        file_id,
        path,
        entity,
        mapping,
        status,
        reason,
        remedy,
        sha256,
        bytes,
        records_in,
        encoding,
        loaded_at,
    from files

)

select * from named
