-- depends_on: {{ ref('int_consent__changes') }}, {{ ref('int_consent__rules') }}, {{ ref('int_consent__identifiers') }}
-- depends_on: {{ ref('int_consent__spans') }}, {{ ref('int_consent__ranked_events') }}, {{ ref('int_consent__combinations') }}
-- depends_on: {{ ref('int_consent__event_kinds') }}, {{ ref('stg_consent__events') }}
{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_permissions() }}") }}

with
{% if is_incremental() %}
-- what has no permission (any more); named only then, for naming everything costs more than finding out
spans as materialized (

    select * from {{ ref('int_consent__spans') }}
    where
        valid_from <= {{ as_of() }} and {{ as_of() }} < valid_to
        and known_from <= {{ latest_known() }} and {{ latest_known() }} < known_to
        and key_number not in (select key_number from {{ this }})

),

winners as materialized (

    select * from {{ ref('int_consent__ranked_events') }}
    where event_rank in (select winning_rank from spans)

),

identifiers as materialized (

    select * from {{ ref('int_consent__identifiers') }}
    where identifier_number in (select key_number // {{ combinations_per_identifier() }} from spans)

),

said as materialized (

    select
        seq,
        event_id,
    from {{ ref('stg_consent__events') }}
    where seq in (select event_seq from winners)

),

intervals as (

    select * from {{ named_intervals('spans', 'winners', 'identifiers', 'said') }}

),
{% else %}
intervals as (

    select * from {{ ref('int_consent__intervals') }}
    where
        valid_from <= {{ as_of() }} and {{ as_of() }} < valid_to
        and known_from <= {{ latest_known() }} and {{ latest_known() }} < known_to

),
{% endif %}

permissions as (

    select * from {{ permissions_of(
        'intervals', ref('int_consent__list_deliveries'), ref('channels'), ref('int_consent__identifier_countries'),
        as_of(), latest_known(),
    ) }}

)

select
    identifier_key,
    identifier_kind,
    purpose,
    channel,
    recipient,
    controller,
    state,
    is_permitted,
    rule_id,
    reason,
    winning_event_id,
    holds_negative,
    expires_at,
    valid_from,
    valid_to,
    key_number,
from permissions
