-- depends_on: {{ ref('audiences') }}, {{ ref('audience_identifiers') }}, {{ ref('sent_standings') }}, {{ ref('obligations_due') }}
-- Built after everything the export reads: a build that was killed half way leaves an older row here.
with

consent_events as (

    select coalesce(max(seq), 0) as consent_events, from {{ source('ledger', 'consent_events') }}

),

suppressions as (

    select
        count(*) as suppressions,
        max(loaded_at) as suppressions_loaded_at,
    from {{ source('raw', 'suppressions') }}

),

tombstones as (

    select count(*) as tombstones, from {{ source('ledger', 'tombstones') }}

),

email_events as (

    select max(loaded_at) as email_events_loaded_at, from {{ source('raw', 'email_events') }}

),

gate as (

    select
        {{ as_of() }} as as_of,
        consent_events.consent_events,
        suppressions.suppressions,
        tombstones.tombstones,
        suppressions.suppressions_loaded_at,
        email_events.email_events_loaded_at,
    from consent_events
    cross join suppressions
    cross join tombstones
    cross join email_events

)

select * from gate
