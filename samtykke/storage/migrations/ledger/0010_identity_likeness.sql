-- of an earlier night nobody knows them
alter table identity_health add column alike_links bigint;     -- pairs of records linked by likeness
alter table identity_health add column waiting_pairs bigint;   -- pairs that wait for somebody's word
