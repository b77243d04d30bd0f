-- What the stored consent decisions stand on: written when a build has told everything, asked by the next one, which tells
-- anew only what has changed since. Without rows everything is told.
create schema if not exists told;

create table told.ledger (
    known_at varchar,                      -- dbt variable of the build; null: everything loaded
    last_seq bigint not null,              -- the events up to here are told
    last_row_hash varchar not null,        -- by which their chain is recognised
    rules_digest varchar not null,         -- of the models and of the reference data
);

-- what else is known about an identifier: erasures, lists, birth dates, proofs of use
create table told.facts (identifier_key varchar not null, digest hugeint not null);

create table told.notices (notice_id varchar not null, digest hugeint not null);

-- identifiers that a build began to tell anew; a build that did not come to its end leaves them here
create table told.pending (identifier_number bigint not null);
