{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        database='ledger',
        schema='main',
        alias='identity_health',
    )
}}

with person_records as (

    select * from {{ ref('int_identity__person_records') }}

),

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}

),

identifiers as (

    select * from {{ ref('int_identity__identifiers') }}

),

conflicts as (

    select * from {{ ref('int_identity__conflicts') }}

),

alike_decisions as (

    select * from {{ ref('int_identity__alike_decisions') }}

),

person_changes as (

    select
        *,
        lag(state) over (partition by person_id order by as_of, recorded_at) as state_before,
    from {{ ref('int_identity__person_changes') }}

),

people as (

    select
        person_id,
        count(*) filter (entity = 'contacts') as contacts,
    from person_records
    group by person_id

),

held as (

    select person_id, count(*) filter (not is_blocked and not is_shared) as identifiers, from person_identifiers
    group by person_id

),

people_measured as (

    select
        count(*) as people,
        count(*) filter (contacts > 1) as people_of_several_contacts,
        coalesce(sum(contacts), 0)::bigint as contacts,
        (select coalesce(max(identifiers), 0) from held) as largest_person_identifiers,
        coalesce(max(contacts), 0) as largest_person_contacts,
    from people

),

identifiers_measured as (

    select
        count(*) as identifiers,
        count(*) filter (is_blocked) as blocked_identifiers,
        count(*) filter (guard_reason = 'several_people') as shared_identifiers,
        count(*) filter (guard_reason = 'too_many_records') as common_identifiers,
    from identifiers

),

conflicts_measured as (

    select
        count(*) as contradicting_groups,
        count(*) filter (outcome = 'divided') as divided_groups,
        coalesce(sum(cut_links), 0)::bigint as cut_links,
    from conflicts

),

changes_measured as (

    select
        count(*) filter (state = 'current' and state_before is null) as people_drawn,
        count(*) filter (state = 'merged') as people_merged,
        count(*) filter (state = 'current' and state_before is not null) as people_restored,
        count(*) filter (state = 'gone') as people_gone,
    from person_changes
    where as_of = {{ as_of() }}

),

alike_measured as (

    select
        count(*) filter (decision in ('automatic', 'accepted')) as alike_links,
        count(*) filter (decision = 'review') as waiting_pairs,
    from alike_decisions

),

-- in the order of the ledger's columns
measured as (

    select
        people_measured.*, identifiers_measured.*, conflicts_measured.*, changes_measured.*,
        {{ as_of() }} as as_of,
        alike_measured.*,
    from people_measured
    cross join identifiers_measured
    cross join conflicts_measured
    cross join changes_measured
    cross join alike_measured

),

known as (

    {% if is_incremental() %}
    select * exclude (recorded_at) from {{ this }}
    qualify row_number() over (partition by as_of order by recorded_at desc) = 1
    {% else %}
    select * from measured where false
    {% endif %}

),

changed as (

    select
        *,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as recorded_at,
    from (select * from measured except select * from known)

)

select * from changed
