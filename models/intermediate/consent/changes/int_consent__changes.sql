-- noted down until everything is told: a build that is broken off leaves them to the next one, whatever changes back meanwhile
{{ config(post_hook="insert into {{ source('told', 'pending') }} select identifier_number from {{ this }} where not (select is_all_changed from {{ ref('int_consent__rules') }}) except select identifier_number from {{ source('told', 'pending') }}") }}

with identifiers as not materialized (

    select * from {{ ref('int_consent__identifiers') }}

),

events as not materialized (

    select * from {{ ref('int_consent__events') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}

),

rules as (

    select * from {{ ref('int_consent__rules') }}

),

fact_digests as (

    select * from {{ ref('int_consent__fact_digests') }}

),

told_facts as (

    select * from {{ source('told', 'facts') }}
    where part in (select part from {{ ref('int_consent__fact_inputs') }} where is_changed)

),

notice_digests as (

    select * from {{ ref('int_consent__notice_digests') }}

),

told_notices as (

    select * from {{ source('told', 'notices') }}

),

changed_keys as (

    select coalesce(fact_digests.identifier_key, told_facts.identifier_key) as identifier_key
    from fact_digests
    full join told_facts
        on fact_digests.part = told_facts.part and fact_digests.identifier_key = told_facts.identifier_key
    where fact_digests.digest is distinct from told_facts.digest

),

changed_notices as (

    select coalesce(notice_digests.notice_id, told_notices.notice_id) as notice_id
    from notice_digests
    full join told_notices
        on notice_digests.notice_id = told_notices.notice_id
    where notice_digests.digest is distinct from told_notices.digest

),

-- everything that can change the history of an identifier
changed as (

    select identifier_number from identifiers
    where (select is_all_changed from rules)

    union

    -- what was said since
    select identifier_number from events
    where event_seq > {{ told_through() }}

    union

    -- an erasure, a list, a birth date, a proof of use
    select identifiers.identifier_number
    from identifiers
    inner join changed_keys
        on identifiers.identifier_key = changed_keys.identifier_key

    union

    -- another version of a notice that was shown, or its first delivery
    select events.identifier_number
    from events
    inner join kinds
        on events.kind_id = kinds.kind_id
    where kinds.notice_id in (select notice_id from changed_notices)

    union

    -- what a build before began and did not end
    select identifier_number from {{ source('told', 'pending') }}
    where not (select is_all_changed from rules)

)

select * from changed
