with events as (

    select * from {{ ref('stg_consent__events') }}

),

numbered as (

    select
        row_number() over () as identifier_number,
        identifier_key,
        controller,
        min(identifier_kind) as identifier_kind,
    from events
    group by identifier_key, controller

)

select * from numbered
