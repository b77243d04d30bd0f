-- What no later night can count again: how large each audience was, and who was drawn for which arm. Append only,
-- chained like the exports they belong to.

-- one row per audience and night, and one more where a night was run again with other figures
create table audience_nights (
    seq bigint primary key,
    recipient varchar not null, segment varchar not null,
    as_of timestamp not null,
    eligible bigint not null, consented bigint not null, held_out bigint not null,
    addressable bigint not null, sendable bigint not null, in_file bigint not null,
    sent bigint not null, received bigint not null,
    matched_low bigint, matched_high bigint, -- null: not reported
    report_date date,
    last_sent_at timestamp,
    ends_at timestamp,                     -- when its time-to-live is over; null for never
    forgotten_at timestamp,                -- when the recipient forgets the first of them; null for never
    row_hash varchar not null, prev_hash varchar not null,
);

-- one row per audience, person and experiment (salt and share): the arm, from the first night it was drawn
create table audience_draws (
    seq bigint primary key,
    recipient varchar not null, segment varchar not null,
    holdout_salt varchar not null, holdout_share double not null,
    person_id uuid not null,
    is_held_out boolean not null,
    entered_at timestamp not null,         -- as_of of that night
    row_hash varchar not null, prev_hash varchar not null,
);
