with email_events as (

    select * from {{ source('raw', 'email_events') }}

),

-- no deduplication: what a signal means here does not depend on how often it is delivered
known as (

    select
        email_key,
        event_type,
        occurred_at,
        loaded_at,
    from email_events
    where occurred_at <= {{ as_of() }} and loaded_at <= {{ known_at() }}

)

select * from known
