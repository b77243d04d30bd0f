-- One row per invented person: who they are, how they are known, what they are like.
create table country (country varchar, share_from integer, share_to integer, language varchar, dial varchar, trunk varchar, mobile varchar, currency varchar, rate decimal(8, 4));
insert into country values
    ('DK', 0, 40, 'da', '45', '', '26', 'DKK', 1),
    ('NO', 40, 54, 'nb', '47', '', '99', 'NOK', 1.5),
    ('SE', 54, 70, 'sv', '46', '0', '701', 'SEK', 1.5),
    ('NL', 70, 82, 'nl', '31', '0', '612', 'EUR', 0.134),
    ('DE', 82, 92, 'de', '49', '0', '1711', 'EUR', 0.134),
    ('FI', 92, 95, 'en', '358', '0', '401', 'EUR', 0.134),
    ('FR', 95, 98, 'en', '33', '0', '612', 'EUR', 0.134),
    ('GB', 98, 100, 'en', '44', '0', '7400', 'GBP', 0.115);

create table product as
select
    row_number() over (order by aisle, season nulls last, subcategory, price, name) - 1 as product_no,
    'P' || (1000 + product_no) as product_id,
    * exclude (names),
    '/p/' || product_id || '/' || replace(replace(lower(name), ' ', '-'), '&', 'og') as path,
    '/c/' || coalesce(replace(subcategory, ' ', '-'), 'gifts') as category_path,
from (select *, unnest(string_split(names, ';')) as name from vocabulary_products);

create table aisle as
select aisle, min(product_no) as first_no, count(*) as products from product group by aisle order by aisle;

create table campaign as
select
    number,
    'news-' || strftime(sent_at, '%G-w%V') as campaign_id,
    ['outdoor', 'jeans', 'dress', 'cycling', 'hiking', 'clothing'][number + 1] as topic,
    sent_at,
from (select number, date_trunc('day', as_of()) - to_days((6 + 14 * number)::int) + interval 8 hour as sent_at from range(6) as series(number));

create table person as
with drawn as (
    select
        p,
        draw(p, 'known', 100) as known,
        chance(p, 'newcomer', 14) as is_newcomer,
        chance(p, 'buyer', 58) as is_buyer,
        draw(p, 'taste', 100) as taste,
        draw(p, 'country', 100) as country_draw,
    from range(people()) as series(p)
),
named as (
    select
        drawn.*,
        country.* exclude (share_from, share_to),
        first_names.names[1 + draw(p, 'first', len(first_names.names))] as first_name,
        last_names.names[1 + draw(p, 'last', len(last_names.names))] as drawn_last_name,
        case when is_newcomer then ago(p, 'created', 29) else as_of() - interval 31 day - to_seconds(draw(p, 'created', 1000 * 86400)) end as created_at,
        known < 72 or known >= 94 as has_record,
        known >= 94 as has_address,
    from drawn
    inner join country on country_draw >= share_from and country_draw < share_to
    inner join (select country, string_split(names, ';') as names from vocabulary_names where kind = 'first') as first_names using (country)
    inner join (select country, string_split(names, ';') as names from vocabulary_names where kind = 'last') as last_names using (country)
),
known as (
    select
        *,
        chance(p, 'family', 3) and has_record and p > 0 as is_family,
        lower(plain_letters(first_name)) || '.' || plain_letters(drawn_last_name) || p || '@'
        || ['example.com', 'example.org', 'example.net', 'mail.example', 'post.example.org', 'firma.example.com'][1 + draw(p, 'domain', 6)] as own_email,
        mobile || lpad((p % 1000000)::varchar, 6, '0') as own_phone,
    from named
)
select
    known.p, known.country, known.language, known.dial, known.trunk, known.currency, known.rate,
    known.first_name,
    -- some people have one name only
    case when chance(known.p, 'one word', 3) then null when known.is_family then partner.drawn_last_name else known.drawn_last_name end as last_name,
    known.created_at,
    known.is_newcomer,
    known.has_record,
    known.has_address,
    case
        when not known.has_record and known.known not between 72 and 80 then null
        when chance(known.p, 'no email', 4) and known.has_record then null
        when known.is_family then partner.own_email -- one mailbox for the household
        else known.own_email
    end as email,
    case
        when known.known between 81 and 85 then known.own_phone
        when known.has_record and chance(known.p, 'phone', 55) then known.own_phone
    end as national_phone,
    case when known.has_record or known.known between 91 and 93 then (200000 + known.p)::varchar end as customer_no,
    case when known.known between 86 and 90 or chance(known.p, 'nickname', 6)
        then ['havkat', 'mosekone', 'regnbue', 'fietsfan', 'fjellgeit', 'snösparv', 'waldläufer', 'nightowl'][1 + draw(known.p, 'nick', 8)] || known.p end as nickname,
    ['cykelforum.example', 'havesnak.example', 'wandelclub.example'][1 + draw(known.p, 'site', 3)] as nickname_site,
    case when chance(known.p, 'born', 60) then
        case when chance(known.p, 'minor', 2.5) then (as_of() - to_days((365 * 9 + draw(known.p, 'age', 365 * 7))::int))::date
        else date '1941-03-01' + draw(known.p, 'birthday', 23700)::int end
    end as birth_date,
    plain_letters(known.first_name)[1:6] || lpad(known.p::varchar, 4, '0') as handle, -- valid on every platform
    chance(known.p, 'profile', 45) as has_profile,
    -- what they like decides what they buy, look at and write about
    case
        when known.taste < 24 then 'jeans' when known.taste < 52 then 'dresses' when known.taste < 70 then 'outdoor'
        when known.taste < 81 then 'cycling' when known.taste < 87 then 'jackets' else 'tops'
    end as favourite,
    known.is_buyer,
    known.is_buyer and not known.is_newcomer and chance(known.p, 'lapsed', 33) as is_lapsed,
    chance(known.p, 'browser', 75) as is_browser,
    chance(known.p, 'reader', 72) as is_reader,
    not known.is_newcomer and known.has_record and chance(known.p, 'ambassador', 20) as is_ambassador,
    chance(known.p, 'gives', case when known.is_newcomer then 68 else 46 end) and known.known not between 86 and 93 as gives,
    chance(known.p, 'all in', 80) as gives_all,
from known
left join known as partner on partner.p = case when known.is_family then known.p - 1 end
order by known.p;
