select
    'e' || mail_no || step as event_id,
    '<' || hex16(mail_no, 'message')[1:12] || '@mail.example>' as message_id,
    campaign_id,
    topic,
    email,
    event_type,
    case when event_type = 'click' then 'https://shop.example/c/' || topic || '?utm_source=newsletter&utm_medium=email&utm_campaign=' || campaign_id end as url,
    case
        when is_machine then ['Mozilla/5.0', 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'][1 + draw(mail_no, 'machine', 2)]
        when event_type in ('open', 'click', 'confirm') then ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'][1 + draw(mail_no, 'reader', 2)]
    end as user_agent,
    iso(occurred_at) as occurred_at,
from email_event
where occurred_at >= $from_day and occurred_at < $to_day
order by mail_no, step
