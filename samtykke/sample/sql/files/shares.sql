select
    share_id,
    parent_share_id,
    case when chance(share_no, 'known sharer', 90) then sharer_kind end as identifier_kind,
    case when chance(share_no, 'known sharer', 90) then sharer end as identifier,
    channel,
    'https://shop.example' || path || '?share=' || share_id as url,
    iso(created_at) as created_at,
from share
inner join product using (product_no)
order by share_no
