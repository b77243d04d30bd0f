-- Clicks of visitors that never were, in the landing contract's shape: :clicks page views over 90 days up to :as_of and, for
-- the next day, one day more. Visits of 1 to 11 clicks, skewed over the browsers: some come daily, most once or twice. One
-- click in a hundred is delivered some days late, one in two thousand weeks late. Run by web.py; everything derives from hash().

-- hash() twice: the two-argument combine is xor-like, so low bits of different salts are correlated
create or replace macro drawn(number, salt, below) as cast(hash(hash(number, salt)) % below as bigint);
create or replace macro share_of(number, salt) as drawn(number, salt, 1000003) / 1000003.0;
create or replace macro key_of(number, salt) as sha256(salt || number);

create or replace table raw.drawn_clicks as
with visits as (
    select
        visit,
        cast(pow(share_of(visit, 'cookie'), 1.7) * (:clicks // 13) as bigint) as cookie,
        1 + drawn(visit, 'length', 11) as length,
        timestamp ':as_of' - interval 90 day + to_seconds(drawn(visit, 'start', 91 * 86400 - 7200)) as starts_at,
    from range(:clicks // 6 * 91 // 90) as visit (visit)
),
clicks as (
    select
        visits.*,
        visit * 16 + click as number,
        click,
        starts_at + to_seconds(click * 20 + drawn(visit * 16 + click, 'gap', 90 * (1 + click))) as occurred_at,
    from visits
    cross join range(11) as click (click)
    where click < length
)
select
    key_of(number, 'event')[:32] as event_id,
    'web' as source,
    key_of(cookie, 'cookie') as cookie_key,
    null as session_id,
    occurred_at,
    'https://shop.example' || case
        when click > 3 and drawn(number, 'goal', 20) = 0 then '/checkout/thanks'
        when click > 2 and drawn(number, 'goal', 20) = 1 then '/cart'
        when drawn(number, 'product', 3) = 0 then '/p/p' || drawn(number, 'page', 5000)
        else '/c/' || ['jeans', 'dress', 'helmet', 'tent', 'book'][1 + drawn(cookie, 'taste', 5)] || '/' || drawn(number, 'page', 5000)
    end
        || if(
            click = 0 and drawn(visit, 'utm', 10) < 4,
            '?utm_source=' || ['newsletter', 'instagram', 'google'][1 + drawn(visit, 'campaign', 3)] || '&utm_medium=x', ''
        ) as url,
    if(click = 0, ['https://google.example/', null, 'https://news.example/'][1 + drawn(visit, 'referrer', 3)], null) as referrer,
    if(
        drawn(cookie, 'agent', 100) = 0, 'ExampleBot/2.1',
        ['Mozilla/5.0 (iPhone)', 'Mozilla/5.0 (Windows NT 10.0)', 'Mozilla/5.0 (Android 15)'][1 + drawn(cookie, 'agent', 3)]
    ) as user_agent,
    drawn(cookie, 'owner', 10) < 6 and click = 1 and drawn(visit, 'login', 10) < 3 as is_login,
    if(is_login, 'email', null) as login_kind,
    if(is_login, key_of(cookie // 2, 'email'), null) as login_key,
    null as share_id,
    null as extra,
    -- the day whose file brings it
    least(
        date_diff('day', timestamp ':as_of' - interval 90 day, occurred_at)
        + case
            when drawn(number, 'late', 2000) = 0 then 14 + drawn(number, 'weeks', 28)
            when drawn(number, 'late', 100) = 1 then 1 + drawn(number, 'days', 4)
            else 0
        end, 90
    ) as delivered_on,
from clicks;

insert into raw.products
select
    'p' || product, 'product ' || product, ['jeans', 'dress', 'helmet', 'tent', 'book'][1 + product % 5], null, null,
    100, 'DKK', 'products', product, timestamp ':as_of',
from range(5000) as catalogue (product);
