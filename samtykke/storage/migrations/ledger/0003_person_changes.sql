-- what became of a drawn person, whenever it changed: current, merged into another, or gone with its records
create table person_changes (
    person_id uuid not null,
    state varchar not null,                -- current, merged, gone
    current_person_id uuid,                -- who holds its anchor record now; null: nobody
    as_of timestamp not null,              -- the run's as_of
    recorded_at timestamp not null,        -- our clock
);
