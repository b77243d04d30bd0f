-- Who was compared by what they say, and which pairs may be one person's (samtykke/identity/likeness). Here and not in the
-- warehouse: a no travels over what was found before it, also when the warehouse is built from nothing, and whoever has
-- said no is not compared again.
create table compared_records (record_key varchar not null, digest varchar not null);

-- never a value, only how well values agree
create table record_pairs (
    record_a varchar not null,             -- the smaller key
    record_b varchar not null,
    match_weight double not null,          -- log2 of the odds that they are one person's
    evidence struct(comparison varchar, "level" varchar, bits double)[] not null,
    model_version varchar not null,        -- digest of the weights
);
