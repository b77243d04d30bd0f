select
    notice_id, version, locale, text, url, purposes, recipients,
    iso(date_trunc('day', as_of()) - to_days(days_before::int)) as effective_from,
    material_change,
    grace_days,
from vocabulary_notices
order by notice_id, version, locale
