-- a national list by telephone number, one the company keeps as hashed addresses, and one that is far too old
with listed as (
    select 1 as list, 'robinson_dk' as list_id, 'phone' as identifier_kind, '+' || dial || national_phone as identifier, null as hash, 'phone_live' as channel, 'DK' as country, 4 as age, p
    from person where country = 'DK' and national_phone is not null and chance(p, 'robinson', 8)
    union all
    select 2, 'do_not_mail', 'email', sha256(lower(email)), 'sha256', 'email', null, 4, p
    from person where email is not null and chance(p, 'do not mail', 1)
    union all
    select 3, 'nix_se', 'phone', '+' || dial || national_phone, null, 'phone_live', 'SE', 400, p
    from person where country = 'SE' and national_phone is not null and chance(p, 'nix', 5)
)
select
    list_id, identifier_kind, identifier, hash, channel, country,
    iso(date_trunc('day', as_of()) - to_days((age + 30 + draw(p, 'listed', 800))::int)) as valid_from,
    null as valid_to,
    iso(date_trunc('day', as_of()) - to_days(age)) as snapshot_at,
from listed
order by list, p
