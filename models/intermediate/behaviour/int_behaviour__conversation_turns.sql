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
        min(messages.sent_at) filter (messages.author_kind = 'customer') as first_question_at,
        coalesce(first_question_at, conversations.opened_at) as asked_at,
    from conversations
    left join messages
        on conversations.source = messages.source
        and conversations.conversation_id = messages.conversation_id
    group by conversations.source, conversations.conversation_id, conversations.opened_at

),

-- A turn of the customer's begins where somebody else spoke before: what is asked in three messages is one question.
turns as (

    select
        *,
        author_kind = 'customer'
            and coalesce(lag(author_kind) over in_order <> 'customer', true) as begins_turn,
    from messages
    window in_order as (partition by source, conversation_id order by sent_at, author_kind <> 'customer', message_id)

),

-- Many tools send their automatic reply in the name of an agent: what comes faster than anybody reads is no person's.
spoken as (

    select
        *,
        author_kind = 'bot' or coalesce(
            author_kind = 'agent'
            and sent_at < last_value(if(begins_turn, sent_at, null) ignore nulls) over (
                partition by source, conversation_id
                order by sent_at, author_kind <> 'customer', message_id
                rows between unbounded preceding and current row
            ) + interval {{ var('service_auto_reply_seconds') }} second,
            false
        ) as is_automatic,
    from turns

),

-- An automatic reply is no answer: the first human message after the question is, and who of the two humans spoke last.
answered as (

    select
        asked.source,
        asked.conversation_id,
        count(spoken.message_id) as messages,
        count(*) filter (spoken.author_kind = 'customer') as customer_messages,
        count(*) filter (spoken.author_kind = 'agent' and not spoken.is_automatic) as agent_messages,
        count(*) filter (spoken.is_automatic) as bot_messages,
        asked.asked_at,
        max(spoken.sent_at) filter (spoken.author_kind = 'customer') as last_question_at,
        min(spoken.sent_at) filter (spoken.is_automatic) as first_automatic_reply_at,
        max(spoken.sent_at) as last_message_at,
        arg_max(spoken.author_kind, (spoken.sent_at, spoken.message_id)) filter (not spoken.is_automatic) as last_author_kind,
        min(spoken.sent_at) filter (
            spoken.author_kind = 'agent' and not spoken.is_automatic and spoken.sent_at >= asked.asked_at
        ) as first_response_at,
    from asked
    left join spoken on asked.source = spoken.source and asked.conversation_id = spoken.conversation_id
    group by asked.source, asked.conversation_id, asked.asked_at

)

select * from answered
