with

messages as (

    select * from {{ source('raw', 'messages') }}

),

latest as (

    select
        source,
        conversation_id,
        message_id,
        author_kind,
        text_key,
        sent_at,
        loaded_at,
    from messages
    where sent_at <= {{ as_of() }}
    qualify row_number() over (
        partition by source, conversation_id, message_id
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1

)

select * from latest
