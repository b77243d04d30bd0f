-- What the stored people stand on: written when a build has told all of them, asked by the next one, which tells anew only
-- the records that hang together with what came, went or changed. Without a row of rules everything is told.
create table told.identity_rules (
    rules_digest varchar not null, -- of the models, the reference data and the engine whose hashes number nodes
    as_of timestamp not null, is_past boolean not null,
);

-- what each load brought of rows that make a record, and the record each row is of
create table told.identity_deliveries (
    entity varchar not null, delivery_id ubigint not null, rows bigint not null, row_sum hugeint not null,
);
create table told.identity_rows (
    entity varchar not null, delivery_id ubigint not null, row_id bigint not null, record_hash ubigint not null,
);

-- what was known of identifiers besides the records: permissions, blocks, names in addresses, replaced addresses
create table told.identity_facts (part varchar not null, identifier_number bigint not null, digest ubigint not null);

-- records that named something else before, records that were compared, and names that could be one person's
create table told.identity_former (record_key varchar not null);
create table told.identity_pairs (record_a varchar not null, record_b varchar not null, digest ubigint not null);
create table told.identity_names (name_number bigint not null, other_number bigint not null);

-- records of one group can change what is told of each other, those of two groups cannot
create table told.identity_groups (record_number bigint not null, group_id bigint not null);

-- what the last build found changed: records, the identifiers they name or named, and records that linked by these
create table told.identity_changes (record_number bigint not null, record_key varchar not null);
create table told.identity_touched (identifier_number bigint not null);
create table told.identity_seeds (record_number bigint not null);

-- when a build began that has not ended
create table told.identity_unfinished (began_at timestamp not null);
