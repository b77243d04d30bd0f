-- Conversations with customer service: asked at any hour, answered in office hours, greeted by a bot where nobody sits.
create table conversation as
with asked as (
    select
        p * 2 as conversation_no, person.*,
        ['email', 'chat', 'messenger', 'whatsapp', 'phone'][1 + draw(p, 'service channel', 5)] as channel,
        ['delivery', 'return', 'stock'][1 + draw(p, 'question', 3)] as topic,
        case when is_newcomer then since(p, 'wrote', created_at) else ago(p, 'wrote', 300) end as opened_at,
    from person
    where chance(p, 'writes', 15)
),
waiting as (
    select
        *,
        case when hour(opened_at) >= 15 then date_trunc('day', opened_at) + interval 31 hour
            else greatest(opened_at, date_trunc('day', opened_at) + interval 7 hour) end as desk_open,
    from asked
)
select
    *,
    desk_open + to_days(case dayofweek(desk_open) when 6 then 2 when 0 then 1 else 0 end) + to_seconds(120 + draw(p, 'first reply', 9000)) as answered_at,
    chance(p, 'greeted', 55) as has_greeting,
    not chance(p, 'forgotten', 6) as is_answered,
    answered_at + to_seconds(300 + draw(p, 'solved', 90000)) as solved_at,
from waiting;

create table message as
with turns as (
    select *, 1 as turn, 'customer' as author_kind, topic as phrase_topic, opened_at as sent_at from conversation
    union all
    select *, 2, 'bot', 'any', opened_at + interval 3 second from conversation where has_greeting
    union all
    select *, 3, 'agent', 'any', answered_at from conversation where is_answered
    union all
    select *, 4, 'customer', 'any', solved_at from conversation where is_answered and chance(p, 'thanks', 60)
)
select
    conversation_no, country, turn, turns.author_kind, sent_at,
    phrase.text || case when turn = 1 and chance(p, 'signs', 20) and email is not null then ' ' || first_name || ', ' || email else '' end as text,
from turns
inner join vocabulary_dialogues as phrase
    on phrase.language = turns.language and phrase.topic = turns.phrase_topic
    and phrase.author_kind = case when turn = 4 then 'closing' else turns.author_kind end
where sent_at < as_of();
