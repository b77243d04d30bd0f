-- the company's own CRM, and what the shop, the event stand and the newsletter tool hold about the same people
with records as (
    select 'crm' as source, p, 0 as n, customer_no as contact_id from person where has_record
    union all
    select 'shop', p, 1, 'S' || (5000 + p) from person where has_record and email is not null and chance(p, 'shop account', 9)
    union all
    select 'event', p, 2, case when chance(p, 'badge', 20) then (200000 + draw(p, 'reused number', people()))::varchar end
    from person where email is not null and chance(p, 'event', 3)
    union all
    select case when customer_no is not null then 'till' when email is not null then 'newsletter' when national_phone is not null then 'sms_gateway' else 'forum' end, p, 3, customer_no
    from person where not has_record
    union all
    -- the tablet at the entrance: one address for everybody who had none at hand
    select 'kiosk', p, 4, 'K' || p from person where chance(p, 'kiosk', 0.7)
)
select
    records.source,
    records.contact_id,
    case when n = 4 then 'info@example.com' when email is not null then spelled_email(email, p * 8 + n) end as email,
    case when n in (0, 3) then spelled_phone(dial, trunk, national_phone, p) end as phone,
    case when customer_no is null and email is null or n = 2 and chance(p, 'initial', 30) then first_name[1] when n = 3 and email is null then null else first_name end as first_name,
    case when n = 3 and email is null then null else last_name end as last_name,
    case when n in (0, 3) then nickname end as nickname,
    case when n in (0, 3) and nickname is not null then nickname_site end as nickname_site,
    case when n in (0, 1) or national_phone is not null then country end as country,
    case when n in (0, 1) then language end as language,
    case when n = 0 then birth_date end as birth_date,
    case when n = 0 and has_address then ['Bakkevej', 'Storgata', 'Kyrkogatan', 'Dorpsstraat', 'Lindenweg'][1 + draw(p, 'street', 5)] || ' ' || (1 + draw(p, 'house', 180)) end as street,
    case when n = 0 and has_address then lpad((1000 + draw(p, 'post code', 8999))::varchar, 4, '0') end as postal_code,
    case when n = 0 and (has_address or chance(p, 'city', 10))
        then ['Aarhus', 'Tromsø', 'Umeå', 'Zwolle', 'Lübeck', 'Ribe', 'Ålesund', 'Malmö'][1 + draw(p, 'city name', 8)] end as city,
    iso(created_at) as created_at,
    iso(since(p * 8 + n, 'updated', created_at)) as updated_at,
from records
inner join person using (p)
order by p, n
