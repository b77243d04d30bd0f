-- the file of the subscribed members; the others come in files of their own from Mailchimp
select
    email as "Email Address",
    first_name as "First Name",
    last_name as "Last Name",
    null as "Address",
    '+' || dial || ' ' || national_phone as "Phone Number",
    strftime(birth_date, '%m/%d') as "Birthday",
    2 + draw(p, 'rating', 4) as "MEMBER_RATING",
    strftime(occurred_at - interval 2 minute, '%Y-%m-%d %H:%M:%S') as "OPTIN_TIME",
    '192.0.2.' || draw(p, 'address', 256) as "OPTIN_IP",
    strftime(occurred_at, '%Y-%m-%d %H:%M:%S') as "CONFIRM_TIME",
    '192.0.2.' || draw(p, 'address', 256) as "CONFIRM_IP",
    null as "LATITUDE",
    null as "LONGITUDE",
    1 as "GMTOFF",
    2 as "DSTOFF",
    'Europe/Copenhagen' as "TIMEZONE",
    country as "CC",
    null as "REGION",
    strftime(occurred_at, '%Y-%m-%d %H:%M:%S') as "LAST_CHANGED",
    700000 + p as "LEID",
    hex16(p, 'euid')[1:10] as "EUID",
    null as "NOTES",
    case when chance(p, 'vip', 10) then '"VIP","Blog"' end as "TAGS",
from person
inner join (select p, min(occurred_at) as occurred_at from consent_event where step = 'C' and identifier_kind = 'email' group by p) as confirmed using (p)
where p < 4000 and chance(p, 'in mailchimp', 35)
order by p
