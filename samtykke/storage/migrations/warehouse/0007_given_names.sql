-- The number of a record's given name (vault.given_names); null: it says none.
alter table raw.contacts add column name_number bigint;

-- which two given names may be the same person's: spellings, short forms, typing errors; both ways round
create table raw.compatible_names (name_number bigint not null, other_number bigint not null);

-- the given name that an e-mail address itself states (anna.jensen@…): whose a record without a name is likely to be
create table raw.email_names (identifier_key varchar not null, name_number bigint not null);
