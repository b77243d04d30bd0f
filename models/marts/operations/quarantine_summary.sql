with files as (

    select * from {{ ref('stg_landing__files') }}

),

quarantine as (

    select * from {{ ref('stg_landing__quarantine') }}

),

summarised as (

    select
        files.path,
        quarantine.entity,
        quarantine.reason,
        coalesce(quarantine.column_name, '') as column_name,
        cast(sum(quarantine.row_count) as bigint) as rows,
        files.status,
        files.file_id,
        files.loaded_at,
    from quarantine
    inner join files on quarantine.file_id = files.file_id
    group by all

)

select * from summarised
