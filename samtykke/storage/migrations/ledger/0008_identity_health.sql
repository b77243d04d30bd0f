-- how identity resolution did, night by night; a night that is run again adds a row only if it found something else
create table identity_health (
    people bigint not null,
    people_of_several_contacts bigint not null,
    contacts bigint not null,
    largest_person_identifiers bigint not null,
    largest_person_contacts bigint not null,
    identifiers bigint not null,
    blocked_identifiers bigint not null,
    shared_identifiers bigint not null,    -- named by contradicting people
    common_identifiers bigint not null,    -- named by more records than their kind's cap
    contradicting_groups bigint not null,
    divided_groups bigint not null,        -- of these, those that cutting their weakest links did not untangle
    cut_links bigint not null,
    people_drawn bigint not null,
    people_merged bigint not null,
    people_restored bigint not null,       -- merged before, apart again
    people_gone bigint not null,
    as_of timestamp not null,
    recorded_at timestamp not null,
);
