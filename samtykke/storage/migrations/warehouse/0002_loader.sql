-- Headers that neither contract nor mapping reads; their values are in vault.extras.
alter table raw.files add column unknown_columns varchar[];

-- What the loader remembers between runs, for example the digest of the block list that identifiers were judged by.
create table raw.loader_state (name varchar primary key, value varchar not null);
