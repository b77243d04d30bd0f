-- What somebody decided of two records that may be one person's: the newest decision of a pair counts.
create table identity_reviews (
    seq bigint not null,
    record_a varchar not null,             -- the smaller key
    record_b varchar not null,
    decision varchar not null,             -- accept, reject, withdraw (as if nobody had decided)
    recorded_by varchar not null,
    recorded_at timestamp not null,        -- our clock
);
