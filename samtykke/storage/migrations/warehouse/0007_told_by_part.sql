-- Facts are told part by part: what nothing was added to is not read again. The build after this one tells everything anew.
drop table told.facts;

create table told.facts (part varchar not null, identifier_key varchar not null, digest hugeint not null);

-- what each part of the facts was read from
create table told.fact_inputs (part varchar not null, digest varchar not null);
