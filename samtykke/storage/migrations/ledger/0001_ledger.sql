-- What cannot be rebuilt. Append only: no statement of the project updates or deletes a row here.
-- No index on the largest table: of 5 M rows it would cost 40 CPU s and the memory to hold it, and the append, the one
-- writer there is, looks for known ids itself.
create table consent_events (
    seq bigint not null,
    event_id varchar not null,
    source varchar not null, identifier_kind varchar not null, identifier_key varchar not null,
    purpose varchar not null, channel varchar, recipient varchar, controller varchar not null,
    action varchar not null, basis varchar, consent_type varchar, is_default boolean not null,
    actor varchar, method varchar, notice_id varchar, notice_version varchar, notice_locale varchar,
    occurred_at timestamp not null, occurred_precision varchar not null, recorded_at timestamp, loaded_at timestamp not null,
    valid_until timestamp, raw_kind varchar, raw_value varchar, evidence_uri varchar, evidence_sha256 varchar,
    row_hash varchar not null, prev_hash varchar not null,
);

-- one row per person ever drawn; the cluster that holds the anchor record is that person
create table persons (
    person_id uuid primary key,
    anchor_record_key varchar not null,
    created_at timestamp not null,         -- the run's as_of
    drawn_at timestamp not null,           -- our clock
);

-- an export is requested, then acknowledged or aborted: each is a row
create table export_builds (
    seq bigint primary key,
    build_id varchar not null, recipient varchar not null, segment varchar not null,
    event varchar not null,                -- requested, acknowledged, aborted
    as_of timestamp not null, recorded_at timestamp not null,
    adds bigint not null, removes bigint not null, policy_version varchar not null, manifest_sha256 varchar,
    row_hash varchar not null, prev_hash varchar not null,
);

-- one row per person, identifier and operation of a build
create table export_rows (
    seq bigint primary key,
    build_id varchar not null, recipient varchar not null, segment varchar not null,
    operation varchar not null,            -- add, remove
    person_id uuid not null, identifier_kind varchar not null, identifier_key varchar not null,
    sent_sha256 varchar not null,          -- keyed digest of what left, enough to find and remove it
    purposes varchar not null, authorising_event_id varchar, reason varchar,
    as_of timestamp not null,
    row_hash varchar not null, prev_hash varchar not null,
);

create table tombstones (
    identifier_key varchar not null, request_id varchar not null, erased_at timestamp not null, reason varchar not null,
);
