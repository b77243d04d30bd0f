-- What else decides: birth dates and countries, proofs of use and dead mailboxes, suppression lists, erasures.
-- hash() twice: the two-argument combination alone correlates the low bits of different salts
create or replace temp macro u(i, s) as (hash(hash(i, s || ':seed')) % 1000003) / 1000003.0;
create or replace temp macro h(i, s, m) as (hash(hash(i, s || ':seed')) % m)::bigint;
create or replace temp macro key_of(kind, p) as 'k1_' || sha256(kind || ':' || p);
create or replace temp macro as_of() as timestamp ':as_of';
create or replace temp macro first_night() as as_of() - interval 365 days;
-- a night's load is at 03:15; what is older than the warehouse came with its first night
create or replace temp macro loaded(moment, late_days) as
    greatest(first_night(), date_trunc('day', moment) + to_days(1 + late_days) + interval '3 hours 15 minutes');

insert into raw.contacts by name
select
    'record' || p as record_key, 'crm' as source, key_of('crm_id', p) as crm_key, 'crm_id' as crm_kind,
    key_of('email', p) as email_key,
    case when u(p, 'phone') < 0.6 then key_of('phone', p) end as phone_key,
    ['DK', 'SE', 'NO', 'DE', 'AT', 'NL'][h(p, 'country', 6) + 1] as country,
    case when u(p, 'born') < 0.6 then date '1945-01-01' + (h(p, 'birth', 24800))::int end as birth_date,
    true as has_name, false as has_address, first_night() as created_at,
    'bench' as file_id, p as line_number, loaded(first_night() + to_days(h(p, 'created', 300)::int), 0) as loaded_at,
from range(:people) as people (p);

insert into raw.email_events by name
select
    'mail' || i as event_id, key_of('email', h(i, 'p', :people)) as email_key,
    case when h(i, 'type', 1000) < 8 then 'bounce_hard' when h(i, 'type', 1000) < 300 then 'click' else 'open' end as event_type,
    moment as occurred_at, 'bench' as file_id, i as line_number, loaded(moment, 0) as loaded_at,
from (
    select i, as_of() - to_seconds(172800 + h(i, 'when', 86400 * 1000)) as moment
    from range(:people) as mails (i)
) as mails;

insert into raw.suppressions by name
select
    list_id, kind as identifier_kind, key_of(kind, h(i, 'listed' || list_id, :people)) as identifier_key, channel,
    snapshot_at, 'bench' as file_id, i as line_number, snapshot_at + interval 1 day as loaded_at,
from (values
    ('ecg_at', 'email', null, as_of() - interval 40 days), ('ecg_at', 'email', null, as_of() - interval 12 days),
    ('nix_se', 'phone', 'phone_live', as_of() - interval 9 days), ('complaint', 'email', 'email', as_of() - interval 100 days),
    ('robinson_dk', 'phone', 'phone_live', as_of() - interval 20 days)
) as copies (list_id, kind, channel, snapshot_at)
cross join range(:people // 100) as entries (i);

insert into ledger.tombstones
select key_of('email', h(i, 'erased', :people)), 'request' || i, as_of() - to_days(h(i, 'erasure', 300)::int), 'art17'
from range(:people // 1000) as requests (i);
