-- A home's consent inputs for :people people, drawn from hash(): the same rows for the same seed and version of DuckDB.
-- The shape of a shop that has collected for three years and loads every night since a year: several identifiers per
-- person, few people with many events, notices that were replaced, a nightly CRM copy, late loads, imprecise clocks.
-- hash() twice: the two-argument combination alone correlates the low bits of different salts
create or replace temp macro u(i, s) as (hash(hash(i, s || ':seed')) % 1000003) / 1000003.0;
create or replace temp macro h(i, s, m) as (hash(hash(i, s || ':seed')) % m)::bigint;
create or replace temp macro key_of(kind, p) as 'k1_' || sha256(kind || ':' || p);
create or replace temp macro as_of() as timestamp ':as_of';
create or replace temp macro first_night() as as_of() - interval 365 days;
-- a night's load is at 03:15; what is older than the warehouse came with its first night
create or replace temp macro loaded(moment, late_days) as
    greatest(first_night(), date_trunc('day', moment) + to_days(1 + late_days) + interval '3 hours 15 minutes');

-- how events speak: `weight` of a thousand
create or replace temp table speaking as
select *, sum(weight) over (order by number) - weight as low, sum(weight) over (order by number) as high,
from (
    select row_number() over () as number, *
    from (values
        (150, 'web_form', 'email', 'marketing.direct', 'email', null, 'granted', 'consent', 'explicit', 'subject', 'newsletter'),
        (110, 'newsletter_double_opt_in', 'email', 'marketing.direct', 'email', null, 'granted', 'consent', 'explicit', 'subject', 'newsletter'),
        (80, 'email_events', 'email', 'marketing.direct', 'email', null, 'confirmed', 'consent', null, 'subject', null),
        (50, 'shop_checkout', 'email', 'marketing.direct', 'email', null, 'granted', 'soft_opt_in', null, 'subject', 'newsletter'),
        (60, 'sms_gateway', 'phone', 'marketing.direct', 'sms', null, 'granted', 'consent', 'expressed', 'subject', 'newsletter'),
        (70, 'web_form', 'email', 'advertising.audience', null, 'meta', 'granted', 'consent', 'explicit', 'subject', 'newsletter'),
        (40, 'preference_centre', 'email', 'advertising.audience', null, 'google', 'granted', 'consent', 'explicit', 'subject', 'account'),
        (20, 'web_form', 'phone', 'advertising.audience', null, 'meta', 'granted', 'consent', 'explicit', 'subject', 'newsletter'),
        (40, 'preference_centre', 'email', 'enrichment.social', null, null, 'granted', 'consent', 'explicit', 'subject', 'account'),
        (40, 'preference_centre', 'email', 'enrichment.interests', null, null, 'granted', 'consent', 'explicit', 'subject', 'account'),
        (30, 'preference_centre', 'email', 'identity.linking', null, null, 'granted', 'consent', 'explicit', 'subject', 'account'),
        (80, 'consent_platform', 'cookie', 'analytics.behaviour', 'onsite', null, 'granted', 'consent', 'explicit', 'subject', 'cookies'),
        (40, 'consent_platform', 'cookie', 'analytics.behaviour', 'onsite', null, 'refused', 'consent', 'explicit', 'subject', 'cookies'),
        (60, 'email_events', 'email', 'marketing.direct', 'email', null, 'withdrawn', 'consent', null, 'subject', null),
        (20, 'sms_gateway', 'phone', 'marketing.direct', 'sms', null, 'withdrawn', 'consent', null, 'subject', null),
        (14, 'preference_centre', 'email', 'marketing', 'any', null, 'objected', 'consent', null, 'subject', null),
        (10, 'preference_centre', 'email', 'advertising', 'any', null, 'withdrawn', 'consent', null, 'subject', null),
        (4, 'privacy_office', 'email', 'any', 'any', null, 'objected', 'consent', null, 'subject', null),
        (40, 'crm_sync', 'crm_id', 'marketing.direct', 'email', null, 'imported_state', 'consent', null, 'system', null),
        (25, 'crm_sync', 'crm_id', 'marketing.direct', 'email', null, 'refused', 'consent', null, 'system', null),
        (10, 'operator_feed', 'phone', 'marketing.direct', 'phone_live', null, 'granted', 'consent', null, 'system', 'newsletter'),
        (3, 'privacy_office', 'email', 'any', null, null, 'restricted', null, null, 'subject', null),
        (2, 'privacy_office', 'email', 'any', null, null, 'unrestricted', null, null, 'controller', null),
        (2, 'privacy_office', 'email', 'marketing.direct', 'email', null, 'invalidated', null, null, 'authority', null)
    ) as ways (weight, source, kind, purpose, channel, recipient, action, basis, consent_type, actor, notice_id)
);

create or replace temp table drawn as
select
    i,
    -- a third of the events is about a twelfth of the people, one in a hundred about shared mailboxes of a hundred events
    floor(:people * u(i, 'who') * case when u(i, 'heavy') < 0.01 then 0.0005 when u(i, 'heavy') < 0.3 then 0.08 else 1 end)::bigint
        as p,
    h(i, 'way', 1000) as way,
    as_of() - to_seconds((86400 * 1095 * pow(u(i, 'when'), 1.6))::bigint) as occurred_at,
    case when u(i, 'late') < 0.04 then h(i, 'days', 200) else 0 end as late_days,
    case when u(i, 'precision') < 0.9 then 'exact' when u(i, 'precision') < 0.98 then 'day' else 'unknown' end as precision,
from range(:first_event, :first_event + :events) as numbers (i);

insert into ledger.consent_events by name
select
    row_number() over (order by told.loaded_at, i) + (select coalesce(max(seq), 0) from ledger.consent_events) as seq,
    sha256('event' || i) as event_id,
    source, kind as identifier_kind, key_of(kind, p) as identifier_key, purpose, channel, recipient,
    'company' as controller, action, basis, consent_type, u(i, 'default') < 0.01 as is_default, actor,
    'bench' as method, notices.notice_id, notices.version as notice_version, notices.locale as notice_locale,
    case precision when 'exact' then occurred_at else date_trunc('day', occurred_at) end as occurred_at,
    precision as occurred_precision,
    case when u(i, 'recorded') < 0.5 then occurred_at + interval 1 minute end as recorded_at,
    told.loaded_at,
    case when u(i, 'until') < 0.02 then occurred_at + interval 400 days end as valid_until,
    sha256('row' || i) as row_hash, sha256('row' || (i - 1)) as prev_hash,
from (
    select drawn.*, speaking.* exclude (notice_id), speaking.notice_id as about,
        coalesce(:loaded_at, least(loaded(occurred_at, late_days), as_of())) as loaded_at,
    from drawn
    inner join speaking on drawn.way >= speaking.low and drawn.way < speaking.high
) as told
asof left join raw.notices as notices
    on told.about = notices.notice_id and told.occurred_at >= notices.effective_from;
