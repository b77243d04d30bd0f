with

platform_reports as (

    select * from {{ source('raw', 'platform_reports') }}

),

latest as (

    select
        recipient,
        audience,
        definition,
        received,
        invalid,
        matched_low,
        matched_high,
        reach,
        report_date,
        loaded_at,
    from platform_reports
    where report_date <= {{ as_of() }}
    qualify row_number() over (
        partition by recipient, audience, report_date
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1

)

select * from latest
