-- A platform may reject single rows: what came back, and what never arrived, is known per row and not per build.
create or replace view obligation_adds as
with opened as (
    select * from obligation_events where event = 'opened' and duty = 'remove'
),
concerned as (
    select export_row_states.*, coalesce(builds.acknowledged_at, builds.aborted_at) as ended_at
    from export_row_states
    inner join export_build_states as builds on export_row_states.build_id = builds.build_id
    where export_row_states.identifier_key in (select identifier_key from opened)
),
removals as (
    select * from concerned
    where operation = 'remove' and row_state = 'arrived'
)
select
    opened.obligation_id,
    adds.seq as add_seq,
    min_by(removals.build_id, removals.seq) as removed_by,
    coalesce(
        min(removals.ended_at),
        any_value(adds.ended_at) filter (adds.row_state in ('absent', 'rejected'))
    ) as met_at,
from opened
inner join concerned as adds
    on opened.recipient = adds.recipient and opened.segment = adds.segment
    and opened.identifier_key = adds.identifier_key
    and adds.operation = 'add' and adds.seq <= opened.export_seq
left join removals
    on adds.recipient = removals.recipient and adds.segment = removals.segment
    and adds.identifier_key = removals.identifier_key and adds.sent_sha256 = removals.sent_sha256
    and adds.person_id = removals.person_id and adds.seq < removals.seq
group by opened.obligation_id, adds.seq;
