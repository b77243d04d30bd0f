-- Delivers the clicks of the days from :first_day to :last_day, a file a day; then who is whom, and who permits what, as of
-- then: each night one person in a thousand takes back what was permitted before.
insert into raw.page_views
select
    event_id, source, cookie_key, session_id, occurred_at, url, referrer, user_agent, login_kind, login_key, share_id,
    extra, 'day ' || delivered_on, row_number() over (partition by delivered_on order by occurred_at, event_id),
    timestamp ':as_of' - interval 90 day + to_days(delivered_on + 1),
from raw.drawn_clicks
where delivered_on between :first_day and :last_day
order by delivered_on, occurred_at;

create or replace table intermediate.int_identity__person_identifiers as
with logins as (
    select cookie_key, login_key, cast(md5(login_key) as uuid) as person_id from raw.page_views
    where login_key is not null
    group by all
)
select person_id, cookie_key as identifier_key, 'cookie' as identifier_kind, false as is_blocked, false as is_shared,
from logins
union
select person_id, login_key, 'email', false, false from logins;

create or replace table intermediate.int_consent__person_permissions as
with people as (
    select person_id, hash(person_id) as number from intermediate.int_identity__person_identifiers
    group by person_id
)
select
    person_id,
    purpose,
    null::varchar as channel,
    null::varchar as recipient,
    purpose = 'service' or hash(number, purpose) % 4 > 0 and hash(number, 'ends') % 1000 <> :last_day as is_permitted,
    if(is_permitted, 'consent', 'withdrawn') as reason,
from people
cross join (values ('service'), ('analytics.behaviour'), ('identity.linking')) as uses (purpose);
