-- What the segments' SQL was found to use: written before the models that gate on it are built.
create schema if not exists lineage;

create table lineage.segment_purposes (
    segment varchar not null,
    purpose varchar not null,              -- needed of every member; service needs no permission
    column_name varchar not null,          -- mart.column that brings the purpose
    computed_at timestamp not null,
);
