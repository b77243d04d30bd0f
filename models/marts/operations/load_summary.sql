with files as (

    select * from {{ ref('stg_landing__files') }}

),

file_entities as (

    select * from {{ ref('stg_landing__file_entities') }}

),

field_issues as (

    select
        file_id,
        entity,
        count(*) as values_dropped,
    from {{ ref('stg_landing__field_issues') }}
    group by file_id, entity

),

-- a file that was refused produced no entity and is listed by its folder's
summarised as (

    select
        files.path,
        coalesce(file_entities.entity, files.entity) as entity,
        files.mapping,
        files.status,
        files.reason,
        files.remedy,
        coalesce(file_entities.rows_in, 0) as rows_in,
        coalesce(file_entities.rows_staged, 0) as rows_staged,
        coalesce(file_entities.rows_quarantined, 0) as rows_quarantined,
        coalesce(file_entities.rows_refused, 0) as rows_refused,
        coalesce(field_issues.values_dropped, 0) as values_dropped,
        files.sha256,
        files.file_id,
        files.loaded_at,
    from files
    left join file_entities on files.file_id = file_entities.file_id
    left join field_issues
        on files.file_id = field_issues.file_id and file_entities.entity = field_issues.entity

)

select * from summarised
