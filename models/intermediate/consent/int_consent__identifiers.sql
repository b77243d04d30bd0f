with events as (

    select * from {{ ref('int_consent__asserted_events') }}

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
