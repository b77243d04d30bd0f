with

conversations as (

    select * from {{ ref('stg_service__conversations') }}

),

messages as (

    select * from {{ ref('stg_service__messages') }}

),

-- The first thing the customer says starts the clock; where only our side is recorded, the opening does.
asked as (

    select
        conversations.source,
        conversations.conversation_id,
        count(messages.message_id) as messages,
        count(*) filter (messages.author_kind = 'customer') as customer_messages,
        count(*) filter (messages.author_kind = 'agent') as agent_messages,
        count(*) filter (messages.author_kind = 'bot') as bot_messages,
        coalesce(
            min(messages.sent_at) filter (messages.author_kind = 'customer'), conversations.opened_at
        ) as asked_at,
        min(messages.sent_at) filter (messages.author_kind = 'bot') as first_automatic_reply_at,
        max(messages.sent_at) as last_message_at,
        arg_max(messages.author_kind, (messages.sent_at, messages.message_id)) as last_author_kind,
    from conversations
    left join messages
        on conversations.source = messages.source
        and conversations.conversation_id = messages.conversation_id
    group by conversations.source, conversations.conversation_id, conversations.opened_at

),

-- An automatic reply or a bot is no answer: the first human message after the question is.
answered as (

    select
        asked.*,
        min(messages.sent_at) as first_response_at,
    from asked
    left join messages
        on asked.source = messages.source
        and asked.conversation_id = messages.conversation_id
        and messages.author_kind = 'agent'
        and messages.sent_at >= asked.asked_at
    group by all

)

select * from answered
