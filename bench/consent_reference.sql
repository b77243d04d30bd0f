-- The consent decision R1-R13 (docs/consent.md) as a plain script of DuckDB, by hand and as fast as it could be written: one
-- pass, temporary tables, no layers, no tests, no lineage, no memory of an earlier run. It reads the ledger and the landed
-- facts of a home and its seeds, and writes what the project's models must equal: `spans` and `permissions`.

-- @stage kinds
create temp table kinds as
with ways as (
    select min(seq) as kind_id, source, lower(purpose) as purpose, channel, lower(recipient) as recipient, action, basis,
        consent_type, is_default, actor, notice_id, notice_version,
        lower(replace(notice_locale, '_', '-')) as notice_locale, occurred_precision,
    from ledger.consent_events group by all
),
notices as (
    select notice_id, version, lower(replace(locale, '_', '-')) as locale, purposes, recipients, loaded_at
    from raw.notices
    qualify row_number() over (partition by notice_id, version, lower(replace(locale, '_', '-')) order by loaded_at) = 1
),
described as (
    select w.kind_id, w.source, w.action, w.recipient, w.consent_type, w.is_default, w.notice_id, w.notice_version,
        w.notice_locale, w.occurred_precision, w.purpose, w.channel as said_channel, w.basis as said_basis,
        w.actor as said_actor, coalesce(a.effect, 'neutral') as effect, a.state as asserted_state,
        coalesce(w.actor, s.default_actor, 'unknown') as actor, coalesce(w.basis, 'consent') as basis,
        coalesce(w.channel, p.only_channel) as channel, p.kind as purpose_kind, p.valid_days, p.lapse_after_unused_days,
        p.policy_changed_at, coalesce(s.may_raise, true) as may_raise, coalesce(s.source_rank, 0) as source_rank,
        coalesce(s.requires_double_opt_in, false) or coalesce(p.requires_double_opt_in, false) as double_opt_in,
        coalesce(p.requires_notice, true) or w.recipient is not null as needs_notice,
        coalesce(p.requires_explicit, false) as needs_explicit, n.loaded_at as notice_known_from,
        coalesce(list_has_any(n.purposes, [w.purpose, p.part_of]), false) as named,
        w.recipient is null or coalesce(list_contains(n.recipients, w.recipient), false) as recipient_named,
    from ways as w
    left join reference.consent_actions as a on w.action = a.action
    left join reference.consent_sources as s on w.source = s.source
    left join reference.purposes as p on w.purpose = p.purpose
    left join notices as n on w.notice_id = n.notice_id and w.notice_version = n.version and w.notice_locale = n.locale
)
select d.*, b.state as basis_state,
    case
        when effect = 'neutral' then false
        when effect in ('negative', 'restriction', 'invalidation') then true
        when effect = 'attempt' or is_default or not may_raise or actor = 'unknown' then false
        when effect = 'lift' and actor in ('subject', 'guardian', 'controller', 'authority') then true
        when actor not in ('subject', 'guardian') then false
        when effect = 'confirmation' then true
        when d.basis = 'consent' and consent_type in ('implied', 'none') then false
        when needs_explicit and consent_type is distinct from 'explicit' then false
        when purpose_kind is null or purpose_kind = 'group' or d.channel = 'any' then false
        when purpose_kind = 'channel' and d.channel is null then false
        when needs_notice and not coalesce(named and recipient_named, false) then false
        when effect = 'positive' then true
        else false
    end as admitted,
from described as d
left join reference.allowed_bases as b
    on d.purpose = b.purpose and d.channel is not distinct from b.channel and d.basis = b.basis;

create temp table combinations as
select row_number() over (order by c.purpose, channel nulls first, recipient nulls first) as combination_id, c.*,
    coalesce(p.is_suppressible, false) as is_suppressible, p.part_of,
from (
    select purpose, null::varchar as channel, null::varchar as recipient from reference.purposes where kind = 'use'
    union select purpose, channel, permission_recipient from reference.recipients
    union select unnest(string_split(signal_purposes, ';')), channel, permission_recipient from reference.recipients
    union select purpose, case when purpose_kind = 'channel' then channel end, recipient
    from kinds where effect = 'positive' and admitted
) as c
left join reference.purposes as p on c.purpose = p.purpose;

create temp table coverage as
select kind_id, combination_id
from kinds as k
inner join combinations as c on case
    when k.effect = 'positive' then k.purpose in (c.purpose, c.part_of) and (c.channel is null or k.channel = c.channel)
        and k.recipient is not distinct from c.recipient
    else (k.purpose in ('any', c.purpose) or starts_with(c.purpose, k.purpose || '.'))
        and (c.channel is null or coalesce(k.channel, 'any') in ('any', c.channel))
        and (k.recipient is null or k.recipient = c.recipient) end
where k.admitted;

create temp table notice_changes as
with n as (
    select notice_id, version, lower(replace(locale, '_', '-')) as locale, effective_from, coalesce(grace_days, 0) as grace_days,
        material_change, loaded_at,
    from raw.notices
    qualify row_number() over (partition by notice_id, version, lower(replace(locale, '_', '-')) order by loaded_at) = 1
)
select a.notice_id, a.version, a.locale, greatest(a.loaded_at, b.loaded_at) as known_from,
    min(min(b.effective_from + to_days(b.grace_days))) over w as ends_at,
    lead(greatest(a.loaded_at, b.loaded_at), 1, timestamp '9999-12-31') over w as known_to,
from n as a
inner join n as b on a.notice_id = b.notice_id and a.effective_from < b.effective_from and b.material_change
group by a.notice_id, a.version, a.locale, greatest(a.loaded_at, b.loaded_at)
window w as (partition by a.notice_id, a.version, a.locale order by greatest(a.loaded_at, b.loaded_at));

-- @stage events
create temp table identifiers as
select min(seq) as number, identifier_key, controller, arg_min(identifier_kind, seq) as identifier_kind
from ledger.consent_events group by identifier_key, controller;

create temp table uses as
with used as (
    select i.number, p.purpose, m.channel, p.lapse_after_unused_days as days, e.occurred_at,
    from raw.email_events as e
    inner join reference.email_signals as m on e.event_type = m.event_type and m.is_proof_of_use
    inner join reference.purposes as p on m.purpose = p.purpose and p.lapse_after_unused_days is not null
    inner join identifiers as i on e.email_key = i.identifier_key
    where e.occurred_at <= :as_of
),
first as (
    select *, coalesce(occurred_at >= lag(occurred_at) over w + to_days(days), true) as is_first,
    from used window w as (partition by number, purpose, channel order by occurred_at)
)
select number, purpose, channel, min(occurred_at) as first_used_at, max(occurred_at) as last_used_at
from (select *, sum(is_first::integer) over (partition by number, purpose, channel order by occurred_at) as spell from first)
group by number, purpose, channel, spell;

create temp table events as
with told as (
    select e.seq, i.number, k.kind_id, k.effect, k.basis, k.purpose, k.channel, k.valid_days, k.lapse_after_unused_days,
        k.policy_changed_at, k.source_rank, e.valid_until,
        coalesce(try_cast('0x' || right(e.event_id, 16) as ubigint), 0) as tie,
        case k.occurred_precision when 'exact' then e.occurred_at when 'day' then date_trunc('day', e.occurred_at)
            else timestamp '1900-01-01' end as earliest_at,
        case k.occurred_precision when 'exact' then e.occurred_at when 'day' then e.occurred_at + interval 1 day
            else greatest(e.occurred_at, coalesce(e.recorded_at, e.loaded_at)) end as latest_at,
        case k.occurred_precision when 'exact' then 2 when 'day' then 1 else 0 end as precision_rank,
        case k.effect when 'positive' then greatest(e.loaded_at, k.notice_known_from) else e.loaded_at end as known_from,
    from ledger.consent_events as e
    inner join kinds as k
        on e.source = k.source and lower(e.purpose) = k.purpose and e.action = k.action and e.is_default = k.is_default
        and e.occurred_precision = k.occurred_precision and e.channel is not distinct from k.said_channel
        and lower(e.recipient) is not distinct from k.recipient and e.basis is not distinct from k.said_basis
        and e.consent_type is not distinct from k.consent_type and e.actor is not distinct from k.said_actor
        and e.notice_id is not distinct from k.notice_id and e.notice_version is not distinct from k.notice_version
        and lower(replace(e.notice_locale, '_', '-')) is not distinct from k.notice_locale
    inner join identifiers as i on e.identifier_key = i.identifier_key and e.controller = i.controller
    where k.admitted
),
ended as (
    select t.*,
        case when t.effect = 'positive' then case
            when u.first_used_at < t.earliest_at + to_days(t.lapse_after_unused_days) then u.last_used_at
            else t.earliest_at end + to_days(t.lapse_after_unused_days) end as unused_at,
        case when t.effect = 'positive' then t.earliest_at + to_days(t.valid_days) end as purpose_at,
        case when t.effect = 'positive' and t.earliest_at < t.policy_changed_at then t.policy_changed_at end as policy_at,
    from told as t
    asof left join uses as u
        on t.number = u.number and t.purpose = u.purpose and t.channel = u.channel and t.earliest_at <= u.last_used_at
)
select seq, number, kind_id, effect, earliest_at, known_from, 
    case when effect in ('positive', 'confirmation', 'lift') then latest_at else earliest_at end as starts_at,
    case when effect = 'positive' and basis <> 'consent' then timestamp '1900-01-01'
        when effect in ('positive', 'confirmation', 'lift') then earliest_at else latest_at end as decides_at,
    case when effect = 'positive' then least(valid_until, purpose_at, policy_at, unused_at) end as expires_at,
    case least(valid_until, purpose_at, policy_at, unused_at) when valid_until then 'asserted_end'
        when purpose_at then 'purpose_validity' when policy_at then 'policy_changed' when unused_at then 'unused' end as why,
    number * 16777216 + row_number() over (
        partition by number order by
            case when effect = 'positive' and basis <> 'consent' then timestamp '1900-01-01'
                when effect in ('positive', 'confirmation', 'lift') then earliest_at else latest_at end,
            case when effect in ('positive', 'confirmation', 'lift') then latest_at else earliest_at end,
            precision_rank, source_rank, tie, seq
    ) as rank,
from ended;

create temp table acts as
select number * 65536 + combination_id as k, number, rank, kind_id, effect, starts_at, decides_at, known_from
from events inner join coverage using (kind_id);

-- @stage facts
create temp table facts as
with bounces as (
    select e.email_key, e.occurred_at as begins_at, min(e.loaded_at) as known_from
    from raw.email_events as e inner join reference.email_signals as m on e.event_type = m.event_type and m.is_unusable
    where e.occurred_at <= :as_of group by all
),
alive as (
    select e.email_key, e.occurred_at, min(e.loaded_at) as known_from
    from raw.email_events as e inner join reference.email_signals as m on e.event_type = m.event_type and m.is_proof_of_use
    where e.occurred_at <= :as_of and e.email_key in (select email_key from bounces)
    group by all
),
signs as (
    select *, timestamp '9999-12-31' as ends_at from bounces
    union all
    select b.email_key, b.begins_at, greatest(b.known_from, a.known_from), a.occurred_at
    from bounces as b inner join alive as a on b.email_key = a.email_key and b.begins_at < a.occurred_at
),
first_sign as (
    select email_key, begins_at, known_from, min(ends_at) over w as ends_at
    from signs window w as (partition by email_key, begins_at order by known_from)
    qualify row_number() over (partition by email_key, begins_at, known_from) = 1
),
dead as (
    select email_key, begins_at, ends_at, known_from, lead(known_from, 1, timestamp '9999-12-31') over w as known_to
    from (
        select *, ends_at is distinct from lag(ends_at) over w as is_other
        from first_sign window w as (partition by email_key, begins_at order by known_from)
    )
    where is_other window w as (partition by email_key, begins_at order by known_from)
),
copies as (
    select list_id, snapshot_at, lead(snapshot_at) over w as next_at, lead(min(loaded_at)) over w as next_known
    from raw.suppressions group by list_id, snapshot_at window w as (partition by list_id order by snapshot_at)
),
lists as (select list_id, channel, is_full_copy from reference.suppression_lists),
listed as (
    select s.identifier_key, coalesce(nullif(s.channel, 'any'), l.channel) as channel,
        coalesce(s.valid_from, s.snapshot_at) as begins_at,
        coalesce(s.valid_to, timestamp '9999-12-31') as ends_at, min(s.loaded_at) as known_from,
        case when l.is_full_copy then c.next_at end as next_at, greatest(min(s.loaded_at), c.next_known) as next_known,
    from raw.suppressions as s
    inner join copies as c on s.list_id = c.list_id and s.snapshot_at = c.snapshot_at
    left join lists as l on s.list_id = l.list_id
    where s.identifier_key is not null
    group by s.list_id, s.identifier_key, s.channel, l.channel, s.valid_from, s.valid_to, s.snapshot_at, l.is_full_copy,
        c.next_at, c.next_known
),
suppressed as (
    select identifier_key, channel, begins_at, ends_at, known_from,
        case when next_at is null then timestamp '9999-12-31' else next_known end as known_to
    from listed
    union all
    select identifier_key, channel, begins_at, least(ends_at, next_at), next_known, timestamp '9999-12-31'
    from listed where next_at is not null
    union all
    select email_key, 'email', begins_at, ends_at, known_from, known_to from dead
),
people as (
    select email_key, phone_key, crm_key, nickname_key, country, birth_date, loaded_at
    from raw.contacts where created_at is null or created_at <= :as_of
    qualify row_number() over (
        partition by record_key
        order by updated_at > :as_of nulls first, coalesce(updated_at, loaded_at) desc, loaded_at desc, line_number desc
    ) = 1
),
children as (
    select unnest([p.email_key, p.phone_key, p.crm_key, p.nickname_key]) as identifier_key,
        p.birth_date + to_years(coalesce(a.age, 16)) as of_age_at, p.loaded_at as known_from
    from people as p left join reference.digital_consent_ages as a on p.country = a.country
    where p.birth_date is not null
),
grants as (
    select number, min(earliest_at) as first_at, bool_or(actor = 'guardian') as has_guardian
    from events inner join kinds using (kind_id) where events.effect = 'positive' group by number
),
of_identifier as (
    select i.number, 'erased' as fact, null as channel, timestamp '1900-01-01' as begins_at,
        timestamp '9999-12-31' as ends_at, min(t.erased_at) as known_from, timestamp '9999-12-31' as known_to
    from ledger.tombstones as t inner join identifiers as i using (identifier_key) group by i.number
    union all
    select i.number, 'suppressed', s.channel, begins_at, ends_at, known_from, known_to
    from suppressed as s inner join identifiers as i using (identifier_key)
    where begins_at < ends_at and known_from < known_to
    union all
    select i.number, 'child', null, timestamp '1900-01-01', c.of_age_at, min(c.known_from), timestamp '9999-12-31'
    from children as c inner join identifiers as i using (identifier_key) inner join grants as g on i.number = g.number
    where g.first_at < c.of_age_at or g.has_guardian
    group by i.number, c.of_age_at
),
keys as (select distinct k, number from acts where number in (select number from of_identifier))
select keys.k, f.fact, f.begins_at, f.ends_at, f.known_from, f.known_to
from of_identifier as f inner join keys using (number)
inner join combinations as c on keys.k % 65536 = c.combination_id
where f.fact <> 'suppressed' or (c.is_suppressible and coalesce(f.channel, c.channel) = c.channel);

-- @stage spans
create temp table versions as
select k, known_from, lead(known_from, 1, timestamp '9999-12-31') over (partition by k order by known_from) as known_to
from (
    select k, known_from from acts
    union select k, known_from from facts
    union select k, known_to from facts where known_to < timestamp '9999-12-31'
    union select a.k, greatest(a.known_from, n.known_from)
    from acts as a inner join kinds as d using (kind_id)
    inner join notice_changes as n
        on d.notice_id = n.notice_id and d.notice_version = n.version and d.notice_locale = n.locale
    where a.effect = 'positive'
);

create temp table spans as
with changes as (
    select k, starts_at as moment, effect, rank, decides_at, null::timestamp as listed_until, known_from,
        timestamp '9999-12-31' as known_to from acts where effect <> 'invalidation'
    union all by name
    select k, begins_at as moment, case when fact = 'suppressed' then ends_at end as listed_until, known_from, known_to from facts
    union all by name
    select k, ends_at as moment, known_from, known_to from facts where ends_at < timestamp '9999-12-31'
),
running as (
    select v.k, v.known_from, v.known_to, moment as valid_from,
        lead(moment, 1, timestamp '9999-12-31') over w as valid_to,
        max(case when effect = 'positive' then rank end) over w as positive,
        max(case when effect = 'negative' then rank end) over w as negative,
        max(case when effect = 'negative' then decides_at end) over w as negative_until,
        max(case when effect = 'restriction' then rank end) over w as restriction,
        max(case when effect = 'restriction' then decides_at end) over w as restricted_until,
        max(case when effect = 'lift' then decides_at end) over w as lifted_from,
        max(case when effect = 'confirmation' then moment end) over w as confirmed_at,
        max(listed_until) over w as listed_until,
    from versions as v
    inner join changes as c on v.k = c.k and c.known_from <= v.known_from and v.known_from < c.known_to
    window w as (partition by v.k, v.known_from order by moment)
    qualify valid_from < valid_to
),
whole as (
    select v.k, v.known_from, max(invalid_until) as invalid_until, max(rank) as invalidation, bool_or(erased) as erased,
        max(of_age_at) as of_age_at
    from versions as v
    inner join (
        select k, decides_at as invalid_until, rank, false as erased, null::timestamp as of_age_at, known_from
        from acts where effect = 'invalidation'
        union all
        select k, null, null, fact = 'erased', case when fact = 'child' then ends_at end, known_from
        from facts where fact in ('erased', 'child')
    ) as c on v.k = c.k and c.known_from <= v.known_from
    group by v.k, v.known_from
),
weighed as (
    select r.*, e.earliest_at, e.starts_at, d.actor = 'guardian' as by_guardian, d.double_opt_in,
        case when d.basis = 'consent' then d.asserted_state else d.basis_state end as usable,
        least(e.expires_at, n.ends_at) as expires_at,
        case when n.ends_at < coalesce(e.expires_at, timestamp '9999-12-31') then 'notice_changed' else e.why end as why,
        e.rank is not null and coalesce(r.negative_until < e.decides_at, true) as holds,
        restriction is not null and coalesce(lifted_from <= restricted_until, true) as restricted,
        coalesce(w.erased, false) as erased, coalesce(e.decides_at <= w.invalid_until, false) as invalid,
        w.invalidation, w.of_age_at,
    from running as r
    left join whole as w on r.k = w.k and r.known_from = w.known_from
    left join events as e on r.positive = e.rank
    left join kinds as d on e.kind_id = d.kind_id
    left join notice_changes as n
        on d.notice_id = n.notice_id and d.notice_version = n.version and d.notice_locale = n.locale
        and n.known_from <= r.known_from and r.known_from < n.known_to
),
cut as (
    select * exclude (valid_from, valid_to), unnest(case when holds and valid_from < expires_at and expires_at < valid_to
        then [valid_from, expires_at] else [valid_from] end) as valid_from
    from weighed
),
asked as (
    select *, holds and coalesce(
        case when by_guardian then of_age_at <= valid_from else earliest_at < of_age_at end, false) as childs_word
    from cut
),
ruled as (
    select *, case
        when erased then 'R1' when invalid then 'R2' when restricted then 'R3'
        when coalesce(valid_from < listed_until, false) then 'R4' when childs_word then 'R5'
        when holds and double_opt_in and coalesce(confirmed_at < starts_at, true) then 'R10'
        when holds and coalesce(expires_at <= valid_from, false) then 'R11' when holds and usable is null then 'R12'
        when holds or negative is not null then 'R6' else 'R13' end as rule_id,
        erased or restricted or childs_word or (not holds and negative is not null) as holds_negative,
    from asked
),
decided as (
    select k, known_from, known_to, valid_from, rule_id, rule_id = 'R6' and holds as is_permitted,
        case when rule_id = 'R2' then invalidation when rule_id = 'R3' then restriction
            when rule_id in ('R5', 'R10', 'R11', 'R12') or (rule_id = 'R6' and holds) then positive
            when rule_id = 'R6' then negative end as winner,
        case when rule_id in ('R6', 'R11') and holds then expires_at end as expires_at,
        case when rule_id = 'R11' then why end as why, holds_negative,
    from ruled
),
firsts as (
    select * from decided
    window w as (partition by k, known_from order by valid_from)
    qualify not coalesce(
        rule_id = lag(rule_id) over w and holds_negative = lag(holds_negative) over w
        and winner is not distinct from lag(winner) over w and expires_at is not distinct from lag(expires_at) over w, false)
)
select *, lead(valid_from, 1, timestamp '9999-12-31') over (partition by k, known_from order by valid_from) as valid_to
from firsts;

-- @stage permissions
create temp table permissions as
with stale as (
    select d.channel, d.country, d.list_id
    from (
        select l.list_id, l.channel, l.country, l.maximum_age_days from reference.suppression_lists as l where list_id <> '*'
        union
        select s.list_id, nullif(s.channel, 'any'), s.country, l.maximum_age_days
        from raw.suppressions as s inner join reference.suppression_lists as l on l.list_id = '*'
        where s.list_id not in (select list_id from reference.suppression_lists)
    ) as d
    left join raw.suppressions as s on d.list_id = s.list_id and s.snapshot_at <= :as_of
    group by all
    having max(s.snapshot_at) + to_days(any_value(d.maximum_age_days)) <= :as_of
),
closed as (
    select c.channel, list({list_id: stale.list_id, country: stale.country}) as lists
    from stale inner join reference.channels as c on coalesce(stale.channel, c.channel) = c.channel group by c.channel
),
countries as (
    select identifier_key, list_distinct(list(country)) as countries
    from (
        select unnest([email_key, phone_key, crm_key, nickname_key]) as identifier_key, country from raw.contacts
        union all select identifier_key, phone_region from raw.identifiers where phone_region is not null
    )
    where country is not null and (select count(*) from closed) > 0
    group by identifier_key
),
named as (
    select i.identifier_key, i.identifier_kind, c.purpose, c.channel, c.recipient, i.controller,
        case s.rule_id when 'R1' then 'erased' when 'R2' then 'invalidated' when 'R3' then 'restricted' when 'R4' then 'suppressed'
            when 'R5' then 'pending' when 'R10' then 'pending'
            when 'R11' then if(s.why = 'unused', 'lapsed', 'expired') when 'R12' then 'wrong_basis'
            when 'R6' then if(s.is_permitted and d.basis <> 'consent', d.basis_state, d.asserted_state)
            else 'unknown' end as state,
        s.is_permitted, s.rule_id,
        case s.rule_id when 'R1' then 'tombstone' when 'R2' then 'grant_invalid' when 'R3' then 'art_18' when 'R4' then 'on_list'
            when 'R5' then if(d.actor = 'guardian', 'came_of_age', 'child_without_guardian') when 'R10' then 'not_confirmed'
            when 'R11' then s.why when 'R12' then 'basis_not_allowed'
            when 'R6' then if(s.is_permitted, 'latest_act_grants', 'latest_act_denies') else 'silence' end as reason,
        l.event_id as winning_event_id, s.holds_negative, s.expires_at, s.valid_from, s.valid_to, s.k as key_number,
        list_min([x.list_id for x in cl.lists if x.country is null or co.countries is null
            or list_contains(co.countries, x.country)]) as stale_list,
    from spans as s
    inner join identifiers as i on s.k // 65536 = i.number
    inner join combinations as c on s.k % 65536 = c.combination_id
    left join events as e on s.winner = e.rank
    left join ledger.consent_events as l on e.seq = l.seq
    left join kinds as d on e.kind_id = d.kind_id
    left join closed as cl on c.channel = cl.channel
    left join countries as co on i.identifier_key = co.identifier_key
    where s.valid_from <= :as_of and :as_of < s.valid_to and s.known_to = timestamp '9999-12-31'
)
select * exclude (stale_list) replace (
    if(stale_list is not null and rule_id not in ('R1', 'R2', 'R3', 'R4'), 'suppressed', state) as state,
    is_permitted and (stale_list is null or rule_id in ('R1', 'R2', 'R3', 'R4')) as is_permitted,
    if(stale_list is not null and rule_id not in ('R1', 'R2', 'R3', 'R4'), 'R4', rule_id) as rule_id,
    if(stale_list is not null and rule_id not in ('R1', 'R2', 'R3', 'R4'), 'stale_list:' || stale_list, reason) as reason
)
from named;
