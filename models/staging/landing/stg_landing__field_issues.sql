with field_issues as (

    select * from {{ source('raw', 'field_issues') }}

),

named as (

    select
        file_id,
        entity,
        line_number,
        column_name,
        reason,
    from field_issues

)

select * from named
