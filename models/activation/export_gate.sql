-- depends_on: {{ ref('audience_identifiers') }}, {{ ref('sent_standings') }}, {{ ref('obligations_due') }}
-- Built after everything the export reads: a build that was killed half way leaves an older row here.
with

consent_events as (

    select coalesce(max(seq), 0) as consent_events, from {{ source('ledger', 'consent_events') }}

),

suppressions as (

    select count(*) as suppressions, from {{ source('raw', 'suppressions') }}

),

tombstones as (

    select count(*) as tombstones, from {{ source('ledger', 'tombstones') }}

),

gate as (

    select
        {{ as_of() }} as as_of,
        consent_events.consent_events,
        suppressions.suppressions,
        tombstones.tombstones,
    from consent_events
    cross join suppressions
    cross join tombstones

)

select * from gate
