with

messages as (

    select * from {{ source('raw', 'messages') }}
    where sent_at <= {{ as_of() }}

),

latest as (

    {{ latest_deliveries('messages', ['source', 'conversation_id', 'message_id']) }}

),

staged as (

    select
        source,
        conversation_id,
        message_id,
        author_kind,
        text_key,
        sent_at,
        loaded_at,
    from latest

)

select * from staged
