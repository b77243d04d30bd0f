select case country when 'NO' then 'helpdesk_no' when 'SE' then 'helpdesk_se' else 'helpdesk' end as source, 'conv-' || conversation_no as conversation_id, 'm' || conversation_no || '-' || turn as message_id, author_kind, text, iso(sent_at) as sent_at
from message
order by conversation_no, turn
