-- The law of the exit gate, asked of the consent models themselves and not of the gate that answers to it: what is
-- about to leave is permitted for its recipient, and its person permits every purpose that the segment needs.
{{ config(meta={'dagster': {'ref': {'name': 'audience_identifiers'}}}) }}

with

leaving as (

    select * from {{ ref('audience_identifiers') }}

),

exit_permissions as (

    select * from {{ ref('int_consent__exit_permissions') }}
    where is_permitted

),

needed as (

    select leaving.*, segment_purposes.purpose as needed_purpose,
    from leaving
    left join {{ source('lineage', 'segment_purposes') }} as segment_purposes
        on leaving.segment = segment_purposes.segment

),

use_permissions as (

    select * from {{ ref('int_consent__person_permissions') }}
    where is_permitted and channel is null and recipient is null

),

unpermitted as (

    select leaving.recipient, leaving.segment, leaving.identifier_key, 'the recipient' as refused,
    from leaving
    anti join exit_permissions
        on leaving.recipient = exit_permissions.recipient
        and leaving.identifier_key = exit_permissions.identifier_key
        and leaving.person_id = exit_permissions.person_id

    union all

    select needed.recipient, needed.segment, needed.identifier_key, coalesce(needed.needed_purpose, 'unknown') as refused,
    from needed
    anti join use_permissions
        on needed.person_id = use_permissions.person_id and needed.needed_purpose = use_permissions.purpose

)

select * from unpermitted
