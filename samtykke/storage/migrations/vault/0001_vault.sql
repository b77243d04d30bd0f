-- The only clear text in the home. Read by the loader, the export step and subject requests; never by dbt, Dagster or BI.
create table identifiers (
    identifier_key varchar primary key,
    identifier_kind varchar not null,
    value varchar not null,                -- normal form
    key_version integer not null,
    first_seen_at timestamp not null,
);

create table contact_details (
    record_key varchar not null, file_id varchar not null, line_number bigint not null,
    first_name varchar, last_name varchar, nickname varchar,
    street varchar, postal_code varchar, city varchar,
    first_name_norm varchar, last_name_norm varchar, -- normalise.name(): what identity resolution compares
);

create table texts (
    text_key varchar not null, entity varchar not null, -- social_posts, social_profiles, messages
    file_id varchar not null, line_number bigint not null, text varchar not null,
);

-- columns the contract does not know, per record, as JSON
create table extras (
    file_id varchar not null, line_number bigint not null, entity varchar not null, extra json not null,
);

create table quarantine (
    file_id varchar not null, line_number bigint not null, entity varchar not null, reason varchar not null, record varchar not null,
);
