with quarantine as (

    select * from {{ source('raw', 'quarantine') }}

),

named as (

    select
        file_id,
        entity,
        line_number,
        reason,
        column_name,
        rows as row_count,
    from quarantine

)

select * from named
