-- Given names by number: outside the vault a record says only the number, and which numbers may be one person's names.
create table given_names (
    name_number bigint not null,           -- from the name's key (HMAC), the same in whatever order names arrive; an initial's is negative
    given_name varchar not null,
    compared_by varchar,                   -- digest of the rules by which it was compared with the others
);
