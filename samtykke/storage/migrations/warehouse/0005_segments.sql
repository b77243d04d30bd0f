-- What the segments' files declare: written before the models that read it are built.
create table lineage.segment_properties (
    segment varchar not null,
    title varchar not null,
    owner varchar not null,
    why varchar not null,
    ttl_days integer,
    priority integer not null,
    exclusive_group varchar,
    holdout_share double not null,
    holdout_salt varchar not null,
    cap_count integer,
    cap_days integer,
    hold_below_floor boolean not null,
    minimum_size bigint,
    maximum_daily_change double,
    is_compiled boolean not null,          -- from the grammar; else its SQL is written by hand
);

create table lineage.segment_destinations (
    segment varchar not null,
    recipient varchar not null,
);
