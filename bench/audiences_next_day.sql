-- What a day brings to the home of audiences_generate.sql: one person in a thousand changes their consent, half of them with a
-- withdrawal from every recipient, half with a yes to all; of every hundred memberships of a segment one changes hands.
create or replace temp macro u(i, s) as (hash(hash(i, s || ':seed')) % 1000003) / 1000003.0;
create or replace temp macro as_of() as timestamp ':as_of';

create or replace temp table people as
select
    p,
    ('00000000-0000-7000-8000-' || lpad(p::varchar, 12, '0'))::uuid as person_id,
    identifier_key('email', 'person.' || p || '@example.com') as email_key,
from range(:people) as numbers (p);

create or replace temp table told as
select p, email_key, null as recipient, 'withdrawn' as action, as_of() - interval 10 hours as occurred_at,
from people where u(p, 'today') < 0.0005
union all
select people.p, people.email_key, recipients.recipient, 'granted', as_of() - interval 9 hours,
from people
cross join (values ('meta'), ('google'), ('tiktok'), ('snapchat'), ('microsoft')) as recipients (recipient)
where u(people.p, 'today') between 0.0005 and 0.001;

create or replace temp table events as
select
    last_seq + row_number() over (order by occurred_at, p, recipient) as seq,
    sha256(concat_ws('|', 'next', p, recipient, action)) as event_id, 'web_form' as source,
    'email' as identifier_kind, email_key as identifier_key, 'advertising.audience' as purpose,
    'ads_audience' as channel, recipient, 'company' as controller, action, 'consent' as basis,
    'explicit' as consent_type, false as is_default, 'subject' as actor, 'bench' as method, 'all' as notice_id,
    '1' as notice_version, 'da' as notice_locale, occurred_at, 'exact' as occurred_precision,
    as_of() - interval 8 hours as loaded_at, sha256('row' || seq) as row_hash, sha256('row' || (seq - 1)) as prev_hash,
from told cross join (select max(seq) as last_seq from ledger.consent_events);
insert into ledger.consent_events by name select * from events;
insert into raw.consent_events by name
select * exclude (seq, controller, row_hash, prev_hash), 'bench' as file_id, seq as line_number from events;
update raw.loader_state set value = (as_of() - interval 7 hours)::varchar where name = 'consent_appended';

-- half a membership in a hundred ends, and as many begin
create or replace temp table leavers as
select members.segment, members.person_id,
from marts.segment_members as members inner join people using (person_id)
where u(people.p, members.segment || 'leaves') < 0.005;
create or replace temp table joiners as
with counted as (select segment, count(*) as leaving from leavers group by segment)
select counted.segment, people.person_id,
from counted cross join people
anti join marts.segment_members as members
    on counted.segment = members.segment and people.person_id = members.person_id
where u(people.p, counted.segment || 'joins') < 0.01
qualify
    row_number() over (partition by counted.segment order by u(people.p, counted.segment || 'joins'), people.p)
    <= counted.leaving;
delete from marts.segment_members
where exists (
    from leavers where leavers.segment = segment_members.segment and leavers.person_id = segment_members.person_id
);
insert into marts.segment_members by name select segment, person_id, as_of() as as_of from joiners;
update marts.segment_members set as_of = as_of();
