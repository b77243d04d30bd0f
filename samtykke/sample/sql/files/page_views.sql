select event_id, cookie_id, session_id, occurred_at at time zone 'UTC' as occurred_at, url, referrer, user_agent, login_kind, login_identifier, share_id, ip
from page_views_between($from_day, $to_day)
