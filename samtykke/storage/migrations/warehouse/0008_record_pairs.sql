-- Contact records that were compared by what they say (samtykke/identity/likeness), and as what: compared again when it changes.
create table raw.compared_records (record_key varchar not null, digest varchar not null);

-- pairs of them that may be one person's; never a value, only how well values agree
create table raw.record_pairs (
    record_a varchar not null,             -- the smaller key
    record_b varchar not null,
    match_weight double not null,          -- log2 of the odds that they are one person's
    evidence struct(comparison varchar, "level" varchar, bits double)[] not null,
    model_version varchar not null,        -- digest of the weights
);
