-- sums of what was known of identifiers, by part and bucket of identifiers: where one is the same, so is what it sums
create table told.identity_fact_sums (part varchar not null, bucket integer not null, fact_sum hugeint not null);
