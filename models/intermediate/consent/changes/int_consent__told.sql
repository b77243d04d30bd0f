-- depends_on: {{ ref('int_consent__fact_digests') }}, {{ ref('int_consent__fact_inputs') }}, {{ ref('int_consent__notice_digests') }}
-- Built last: only when every stored decision is the one of this build does the next one go on from here.
{{ config(post_hook=tell_all()) }}

with position as (

    select * from {{ ref('int_consent__ledger_position') }}

),

rules as (

    select * from {{ ref('int_consent__rules') }}

),

spans as (

    select count(*) as intervals from {{ ref('int_consent__spans') }}

),

permissions as (

    select count(*) as permissions from {{ ref('int_consent__permissions') }}

),

changes as (

    select count(*) as identifiers_told from {{ ref('int_consent__changes') }}

),

told as (

    select
        {{ "'" ~ var('known_at') ~ "'" if var('known_at') else 'cast(null as varchar)' }} as known_at,
        position.last_seq,
        position.last_row_hash,
        rules.rules_digest,
        rules.is_all_changed,
        changes.identifiers_told,
        spans.intervals,
        permissions.permissions,
    from position
    cross join rules
    cross join changes
    cross join spans
    cross join permissions

)

select * from told
