-- What segments need is remembered with the SQL it was derived from; what was derived before has none and counts no more.
delete from lineage.segment_purposes;
alter table lineage.segment_purposes add column sql_checksum varchar;

-- one row per column of every model: its label, and what the columns that it is made of need
create table lineage.columns (
    model varchar,
    column_name varchar,
    category varchar,
    purposes varchar[],
    needed_purposes varchar[],
    reason varchar,
    minimum_group integer,
    made_of varchar[],
    computed_at timestamp
);
