with file_entities as (

    select * from {{ source('raw', 'file_entities') }}

),

named as (

    select
        file_id,
        entity,
        rows_in,
        rows_staged,
        rows_quarantined,
        rows_refused,
    from file_entities

)

select * from named
