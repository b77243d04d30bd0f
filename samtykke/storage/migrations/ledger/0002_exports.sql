-- What the export ledger says, for everybody who asks: the planner, dbt and the checks.

-- one row per export build with where it stands
create or replace view export_build_states as
select
    build_id,
    any_value(recipient) as recipient,
    any_value(segment) as segment,
    any_value(as_of) as as_of,
    any_value(adds) as adds,
    any_value(removes) as removes,
    any_value(policy_version) as policy_version,
    max_by(event, seq) as state,
    max(recorded_at) filter (event = 'requested') as requested_at,
    max(recorded_at) filter (event = 'acknowledged') as acknowledged_at,
    max(recorded_at) filter (event = 'aborted') as aborted_at,
from export_builds
group by build_id;

-- one row per recipient, segment, row, identifier and person that the recipient holds: acknowledged adds less removes
create or replace view sent_identifiers as
select export_rows.*
from export_rows
inner join export_build_states using (build_id)
where export_build_states.state = 'acknowledged'
qualify
    row_number() over (
        partition by
            export_rows.recipient, export_rows.segment, export_rows.sent_sha256, export_rows.identifier_key,
            export_rows.person_id
        order by export_rows.seq desc
    ) = 1
    and export_rows.operation = 'add';

-- adds that were requested and neither acknowledged nor aborted: they may have left
create or replace view unsettled_identifiers as
select export_rows.*
from export_rows
inner join export_build_states using (build_id)
where export_build_states.state = 'requested' and export_rows.operation = 'add';

-- one row per recipient, segment and identifier that the recipient holds or may hold: asked before an export
create or replace view held_identifiers as
select recipient, segment, identifier_key, identifier_kind from sent_identifiers
union
select recipient, segment, identifier_key, identifier_kind from unsettled_identifiers;
