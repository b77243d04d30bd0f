select
    'social_listening' as source,
    'post-' || post_no as post_id,
    platform,
    handle,
    ['post', 'post', 'status', 'comment', 'review', 'share'][1 + draw(post_no, 'kind', 6)] as kind,
    text,
    case when chance(post_no, 'says language', 50) then language end as language,
    case when chance(post_no, 'is reply', 10) then 'post-' || (post_no - 1) end as reply_to,
    'https://' || platform || '.example/' || handle || '/' || post_no as url,
    iso(posted_at) as posted_at,
from post
order by post_no
