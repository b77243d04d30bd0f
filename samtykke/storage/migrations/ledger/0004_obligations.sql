-- What had to come back from a recipient, or be told to it: opened once, acknowledged by hand where no file can tell.
-- Which removals have left is read off the export ledger.
create table obligation_events (
    seq bigint not null,
    obligation_id varchar not null,
    event varchar not null,                -- opened, acknowledged
    duty varchar, recipient varchar, segment varchar, person_id uuid,
    identifier_key varchar, identifier_kind varchar, purpose varchar,
    cause varchar, deciding_event_id varchar,
    caused_at timestamp,                   -- when the permission ended; null: nobody can tell
    known_at timestamp,                    -- when we learned of it
    due_at timestamp,
    export_seq bigint,                     -- newest row of export_rows that it is about: what had left by then
    as_of timestamp,                       -- of the run that opened it
    recorded_by varchar, reference varchar, -- of an acknowledgement: who, and where the proof lies
    recorded_at timestamp not null,        -- our clock
    row_hash varchar not null, prev_hash varchar not null,
);

-- adds that an obligation to remove is about, with the removal that took each back
create view obligation_adds as
with opened as (
    select * from obligation_events where event = 'opened' and duty = 'remove'
),
removals as (
    select export_rows.*, export_build_states.acknowledged_at
    from export_rows
    inner join export_build_states using (build_id)
    where export_rows.operation = 'remove' and export_build_states.state = 'acknowledged'
        and export_rows.identifier_key in (select identifier_key from opened)
)
select
    opened.obligation_id,
    adds.seq as add_seq,
    min_by(removals.build_id, removals.seq) as removed_by,
    coalesce(min(removals.acknowledged_at), any_value(builds.aborted_at)) as met_at,
from opened
inner join export_rows as adds
    on opened.recipient = adds.recipient and opened.segment = adds.segment
    and opened.identifier_key = adds.identifier_key
    and adds.operation = 'add' and adds.seq <= opened.export_seq
inner join export_build_states as builds on adds.build_id = builds.build_id
left join removals
    on adds.recipient = removals.recipient and adds.segment = removals.segment
    and adds.identifier_key = removals.identifier_key and adds.sent_sha256 = removals.sent_sha256
    and adds.person_id = removals.person_id and adds.seq < removals.seq
group by opened.obligation_id, adds.seq;

-- one row per obligation ever opened, with when it was met
create view obligation_states as
with returned as (
    select
        obligation_id,
        bool_and(met_at is not null) as is_met,
        max(met_at) as met_at,
        max_by(removed_by, met_at) as build_id,
    from obligation_adds
    group by obligation_id
),
acknowledged as (
    select obligation_id, min(recorded_at) as met_at, arg_min(recorded_by, seq) as recorded_by
    from obligation_events where event = 'acknowledged'
    group by obligation_id
)
select
    opened.* exclude (event, recorded_by, reference, recorded_at, row_hash, prev_hash),
    opened.recorded_at as opened_at,
    coalesce(if(returned.is_met, returned.met_at, null), acknowledged.met_at) as met_at,
    if(returned.is_met, returned.build_id, null) as build_id,
    acknowledged.recorded_by as acknowledged_by,
from obligation_events as opened
left join returned on opened.obligation_id = returned.obligation_id
left join acknowledged on opened.obligation_id = acknowledged.obligation_id
where opened.event = 'opened';
