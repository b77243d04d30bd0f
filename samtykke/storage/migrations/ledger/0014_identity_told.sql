-- one row: the start of the last run that told what became of people; whatever is drawn or looked at later is to be told
create table identity_told (told_at timestamp not null);
insert into identity_told
select told_at from (
    select greatest((select max(recorded_at) from identity_events), (select max(recorded_at) from record_people)) as told_at
)
where told_at is not null;
