-- depends_on: {{ ref('int_consent__changes') }}, {{ ref('int_consent__rules') }}
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_permissions() }}") }}

with intervals as (

    select * from {{ ref('int_consent__intervals') }}
    {% if is_incremental() -%}
    where key_number not in (select key_number from {{ this }})
    {%- endif %}

),

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
