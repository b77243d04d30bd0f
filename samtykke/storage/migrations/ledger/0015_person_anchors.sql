-- One row per person ever drawn and record that it stood on: whoever loses the record stands on another of its records from
-- then on, and the newest counts. No key: an index over the people of a large company costs more than all that is asked of it.
create table persons_by_anchor (
    person_id uuid not null,
    anchor_record_key varchar not null,
    created_at timestamp not null,         -- the as_of of the run that drew the person
    drawn_at timestamp not null,           -- our clock then: age between people
    anchored_at timestamp not null,        -- our clock when it came to stand on the record
);
insert into persons_by_anchor select person_id, anchor_record_key, created_at, drawn_at, drawn_at from persons;
drop table persons;
alter table persons_by_anchor rename to persons;
