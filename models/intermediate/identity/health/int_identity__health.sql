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

with person_sizes as (

    select * from {{ ref('int_identity__person_sizes') }}

),

identifiers as (

    select * from {{ ref('int_identity__guarded_identifiers') }}

),

conflicts as (

    select * from {{ ref('int_identity__conflicts') }}

),

alike_decisions as (

    select * from {{ ref('int_identity__alike_decisions') }}

),

events as (

    select * from {{ ref('int_identity__events') }}
    where as_of = {{ as_of() }}

),

registry as (

    select person_id, drawn_at from {{ ref('int_identity__person_anchors') }}

),

people_measured as (

    select
        count(*) as people,
        count(*) filter (contacts > 1) as people_of_several_contacts,
        coalesce(sum(contacts), 0)::bigint as contacts,
        coalesce(max(identifiers), 0) as largest_person_identifiers,
        coalesce(max(contacts), 0) as largest_person_contacts,
    from person_sizes

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
        count(*) filter (kind = 'created') as people_drawn,
        count(distinct events.person_id) filter (kind = 'merged') as people_merged,
        count(distinct other_person_id) filter (kind = 'split' and registry.drawn_at < events.recorded_at) as people_restored,
        count(distinct events.person_id) filter (kind = 'erased') as people_gone,
    from events
    left join registry on events.other_person_id = registry.person_id

),

moves_measured as (

    select
        count(distinct person_id) filter (kind = 'split') as people_split,
        coalesce(sum(records) filter (kind = 'joined'), 0)::bigint as records_joined,
        coalesce(sum(records) filter (kind = 'detached'), 0)::bigint as records_detached,
    from events

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
        moves_measured.*,
    from people_measured
    cross join identifiers_measured
    cross join conflicts_measured
    cross join changes_measured
    cross join alike_measured
    cross join moves_measured

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
