-- Deliveries over a platform's interface. Append only, chained like the exports they belong to.

-- a batch is planned with its build, leaving before its first byte is sent, then sent (the platform answers later),
-- acknowledged, failed (refused as a whole: nothing arrived) or abandoned (never to be completed): each is a row
create table delivery_batches (
    seq bigint primary key,
    build_id varchar not null, recipient varchar not null, segment varchar not null,
    batch_number integer not null,
    event varchar not null,
    operation varchar not null,            -- add, remove, replace (both, by the platform's own full exchange)
    batch_group varchar not null,          -- rows that may share a request: a consent state, account-wide removals
    first_row bigint not null, last_row bigint not null, -- of export_rows.seq
    row_count bigint not null,
    idempotency_key varchar not null,      -- keyed digest; the same on every attempt
    request_id varchar,                    -- how the platform calls it
    accepted bigint, rejected bigint,      -- as the platform counts them
    matched_low bigint, matched_high bigint,
    code varchar,                          -- why it failed: a word of the platform, never a value
    recorded_at timestamp not null,
    row_hash varchar not null, prev_hash varchar not null,
);

-- rows of an acknowledged batch that the platform named as not taken
create table delivery_rejections (
    seq bigint primary key,
    build_id varchar not null, batch_number integer not null, sent_sha256 varchar not null,
    code varchar not null, recorded_at timestamp not null,
    row_hash varchar not null, prev_hash varchar not null,
);

-- one row per batch with where it stands
create or replace view delivery_batch_states as
select
    build_id,
    batch_number,
    any_value(recipient) as recipient,
    any_value(segment) as segment,
    any_value(operation) as operation,
    any_value(batch_group) as batch_group,
    any_value(first_row) as first_row,
    any_value(last_row) as last_row,
    any_value(row_count) as row_count,
    any_value(idempotency_key) as idempotency_key,
    max_by(event, seq) as state,
    bool_or(event = 'leaving') as may_have_left,
    max_by(request_id, seq) as request_id,
    max_by(accepted, seq) as accepted,
    max_by(rejected, seq) as rejected,
    max_by(matched_low, seq) as matched_low,
    max_by(matched_high, seq) as matched_high,
    max_by(code, seq) as code,
    max(recorded_at) filter (event = 'leaving') as left_at,
    max(recorded_at) filter (event = 'acknowledged') as acknowledged_at,
from delivery_batches
group by build_id, batch_number;

-- one row per row of a build with what became of it: arrived, rejected, open (a file's build that a crash left open),
-- uncertain (sent and not yet answered, or cut off) or absent
create or replace view export_row_states as
select
    export_rows.*,
    case
        when batches.build_id is null and builds.state = 'acknowledged' then 'arrived'
        when batches.build_id is null and builds.state = 'requested' then 'open'
        when batches.state = 'acknowledged' and rejected.sent_sha256 is not null then 'rejected'
        when batches.state = 'acknowledged' then 'arrived'
        when batches.state in ('leaving', 'sent') or (batches.state = 'abandoned' and batches.may_have_left) then 'uncertain'
        else 'absent'
    end as row_state,
from export_rows
inner join export_build_states as builds on export_rows.build_id = builds.build_id
left join delivery_batch_states as batches
    on export_rows.build_id = batches.build_id
    and export_rows.seq between batches.first_row and batches.last_row
left join (from delivery_rejections select build_id, batch_number, sent_sha256 group by all) as rejected
    on batches.build_id = rejected.build_id
    and batches.batch_number = rejected.batch_number
    and export_rows.sent_sha256 = rejected.sent_sha256;

-- one row per recipient, segment, row, identifier and person that the recipient holds: arrived adds less removes
create or replace view sent_identifiers as
select export_row_states.* exclude (row_state)
from export_row_states
where row_state = 'arrived'
qualify
    row_number() over (partition by recipient, segment, sent_sha256, identifier_key, person_id order by seq desc) = 1
    and operation = 'add';

-- adds that may have left though nothing says that they arrived, unless a later row settled it
create or replace view unsettled_identifiers as
select export_row_states.* exclude (row_state)
from export_row_states
where row_state = 'arrived' or (operation = 'add' and row_state in ('open', 'uncertain'))
qualify
    row_number() over (partition by recipient, segment, sent_sha256, identifier_key, person_id order by seq desc) = 1
    and row_state in ('open', 'uncertain');

-- one row per row, identifier and person that a recipient holds, or may hold: what the next delivery starts from.
-- A file whose directory never appeared never left.
create or replace view held_rows as
select recipient, segment, sent_sha256, person_id, identifier_key, identifier_kind, as_of as sent_for, true as is_certain
from sent_identifiers
union all
select
    unsettled.recipient, unsettled.segment, unsettled.sent_sha256, unsettled.person_id, unsettled.identifier_key,
    unsettled.identifier_kind, unsettled.as_of as sent_for, false as is_certain
from unsettled_identifiers as unsettled
semi join delivery_batches on unsettled.build_id = delivery_batches.build_id;
