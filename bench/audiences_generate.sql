-- A home of :people people on the day after its consent was told: who they are, what they said to five recipients, who is
-- in ten segments. The same rows for the same seed and version of DuckDB. The keys are the home's own, because what is
-- delivered later must meet them.
-- hash() twice: the two-argument combination alone correlates the low bits of different salts
create or replace temp macro u(i, s) as (hash(hash(i, s || ':seed')) % 1000003) / 1000003.0;
create or replace temp macro as_of() as timestamp ':as_of';
create or replace temp macro said(p, s) as as_of() - to_seconds((86400 * (20 + 400 * u(p, s)))::bigint);

create or replace temp table people as
select
    p,
    ('00000000-0000-7000-8000-' || lpad(p::varchar, 12, '0'))::uuid as person_id,
    'person.' || p || '@example.com' as email,
    case when u(p, 'phone') < 0.6 then '+45' || (20000000 + p) end as phone,
    ['DK', 'SE', 'NO', 'DE', 'AT', 'NL'][(hash(p, 'country') % 6)::int + 1] as country,
    identifier_key('email', email) as email_key,
    case when phone is not null then identifier_key('phone', phone) end as phone_key,
    identifier_key('crm_id', 'c' || p) as crm_key,
from range(:people) as numbers (p);

create or replace temp table identifiers as
select p, person_id, 'email' as kind, email as value, email_key as identifier_key from people
union all select p, person_id, 'phone', phone, phone_key from people where phone is not null
union all select p, person_id, 'crm_id', 'c' || p, crm_key from people;

insert into vault.identifiers select identifier_key, kind, value, 1, as_of() from identifiers;
insert into raw.identifiers by name
select identifier_key, kind as identifier_kind, false as is_blocked, as_of() as first_seen_at from identifiers;
insert into raw.contacts by name
select
    'record' || p as record_key, 'crm' as source, crm_key, 'crm_id' as crm_kind, email_key, phone_key, country,
    case when u(p, 'born') < 0.6 then date '1945-01-01' + (20000 * u(p, 'birth'))::int end as birth_date,
    true as has_name, false as has_address, 'bench' as file_id, p as line_number, as_of() - interval 300 days as loaded_at,
from people;
insert into raw.email_events by name
select
    'mail' || p as event_id, email_key, if(u(p, 'mail') < 0.01, 'bounce_hard', 'open') as event_type,
    said(p, 'mail') as occurred_at, 'bench' as file_id, p as line_number, as_of() - interval 1 day as loaded_at,
from people;
insert into raw.suppressions by name
select
    'ecg_at' as list_id, 'email' as identifier_kind, email_key as identifier_key,
    as_of() - interval 10 days as snapshot_at, 'bench' as file_id, p as line_number, as_of() - interval 9 days as loaded_at,
from people where u(p, 'listed') < 0.01;
insert into raw.notices by name
select
    'all' as notice_id, '1' as version, 'da' as locale, 'text' as text, sha256('text') as text_sha256,
    ['advertising.audience', 'marketing.direct', 'analytics.behaviour', 'enrichment.interests'] as purposes,
    ['meta', 'google', 'tiktok', 'snapchat', 'microsoft'] as recipients, timestamp '2022-01-01' as effective_from,
    false as material_change, 0 as grace_days, 'bench' as file_id, 1 as line_number, as_of() - interval 300 days as loaded_at;

-- six in ten say yes to a recipient by address, half of those by number as well; four in a hundred take it back
create or replace temp table told as
select p, email_key as key, 'email' as kind, 'advertising.audience' as purpose, recipient, 'granted' as action,
    said(p, recipient) as occurred_at
from people cross join (values ('meta'), ('google'), ('tiktok'), ('snapchat'), ('microsoft')) as recipients (recipient)
where u(p, recipient || 'yes') < 0.6
union all
select p, phone_key, 'phone', 'advertising.audience', recipient, 'granted', said(p, recipient)
from people cross join (values ('meta'), ('google'), ('tiktok'), ('snapchat')) as recipients (recipient)
where phone_key is not null and u(p, recipient || 'yes') < 0.6 and u(p, recipient || 'number') < 0.5
union all
select p, email_key, 'email', 'advertising.audience', null, 'withdrawn', as_of() - interval 15 days
from people where u(p, 'no') < 0.04
union all
select p, email_key, 'email', 'analytics.behaviour', null, 'granted', said(p, 'uses') from people where u(p, 'uses') < 0.7
union all
select p, email_key, 'email', 'enrichment.interests', null, 'granted', said(p, 'likes') from people where u(p, 'likes') < 0.5
union all
select p, crm_key, 'crm_id', 'marketing.direct', null, 'imported_state', said(p, 'crm') from people where u(p, 'crm') < 0.3;

insert into ledger.consent_events by name
select
    row_number() over (order by occurred_at, p, purpose, recipient, kind) as seq,
    sha256(concat_ws('|', p, purpose, recipient, kind, action)) as event_id, 'web_form' as source,
    kind as identifier_kind, key as identifier_key, purpose,
    case purpose when 'advertising.audience' then 'ads_audience' when 'marketing.direct' then 'email' end as channel,
    recipient, 'company' as controller, action, 'consent' as basis, 'explicit' as consent_type, false as is_default,
    'subject' as actor, 'bench' as method, 'all' as notice_id, '1' as notice_version, 'da' as notice_locale,
    occurred_at, 'exact' as occurred_precision, greatest(occurred_at, as_of() - interval 300 days) as loaded_at,
    sha256('row' || seq) as row_hash, sha256('row' || (seq - 1)) as prev_hash,
from told;
insert into raw.consent_events by name
select * exclude (seq, controller, row_hash, prev_hash), 'bench' as file_id, seq as line_number from ledger.consent_events;
insert into raw.loader_state values ('consent_appended', (as_of() - interval 1 day)::varchar);

create schema if not exists intermediate;
create schema if not exists marts;
create or replace table intermediate.int_identity__person_identifiers as
select person_id, identifier_key, kind as identifier_kind, false as is_blocked, false as is_shared,
    false as is_replaced from identifiers;
create or replace table intermediate.int_identity__person_links as
select person_id, identifier_key, true as may_grant from identifiers;
create or replace table marts.customer_profile as select person_id, country from people;
-- from three people in ten down to one in a hundred: each person is in one segment on average
create or replace table marts.segment_members as
select segments.segment, people.person_id, as_of() as as_of,
from people
inner join (
    select segment, [0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.03, 0.02, 0.01][row_number() over (order by segment)] as share,
    from lineage.segment_properties
) as segments on u(people.p, segments.segment) < segments.share;
