select
    case country when 'NO' then 'helpdesk_no' when 'SE' then 'helpdesk_se' else 'helpdesk' end as source,
    'conv-' || conversation_no as conversation_id,
    channel,
    case
        when channel = 'messenger' and has_profile then 'handle:' || platform_of(p)
        when channel in ('whatsapp', 'phone') and national_phone is not null then 'phone'
        when email is not null then 'email' when national_phone is not null then 'phone' when customer_no is not null then 'crm_id'
    end as identifier_kind,
    case
        when identifier_kind like 'handle:%' then handle
        when identifier_kind = 'phone' then '+' || dial || national_phone
        when identifier_kind = 'email' then email
        when identifier_kind = 'crm_id' then customer_no
    end as identifier,
    iso(opened_at) as opened_at,
    case when is_answered and solved_at < as_of() then iso(solved_at) end as closed_at,
    topic,
from conversation
order by conversation_no
