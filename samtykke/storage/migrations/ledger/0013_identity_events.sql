-- whose each record was when that was last looked at; forgotten once a record is gone and that was told
create table record_people (
    record_key varchar not null,
    entity varchar not null,
    person_id uuid,                        -- null: the record is gone
    limit_reason varchar,                  -- why consent limited its links
    as_of timestamp not null,
    recorded_at timestamp not null,        -- our clock
);

-- what became of people and why; no record, no identifier
create table identity_events (
    event_key varchar not null,
    kind varchar not null,                 -- created, joined, merged, split, detached, erased
    person_id uuid not null,
    other_person_id uuid,                  -- merged: into whom; split, detached: whose the records are now; joined: whose they were
    records bigint not null,
    cause varchar not null,
    cause_detail varchar,
    as_of timestamp not null,
    recorded_at timestamp not null,        -- start of the run
);

alter table identity_health add column people_split bigint;      -- people of whom a part became somebody else
alter table identity_health add column records_joined bigint;    -- records that came to somebody known
alter table identity_health add column records_detached bigint;  -- records that left somebody who is still known
