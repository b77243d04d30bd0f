with

events as (

    select * from {{ ref('stg_consent__events') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}
    where obstacle is not null

),

revised_events as (

    select * from {{ ref('stg_consent__revised_events') }}

),

permissions as (

    select * from {{ ref('int_consent__permissions') }}

),

denials as (

    select * from {{ ref('int_consent__denials') }}

),

person_links as (

    select * from {{ ref('int_identity__person_links') }}

),

-- somebody who may not, or not so, tried to raise a permission (R6, R7): it changed nothing
attempts as (

    select
        'attempt_to_raise' as conflict,
        events.identifier_key,
        events.purpose,
        kinds.channel,
        events.recipient,
        events.source,
        events.action,
        kinds.obstacle,
        events.event_id,
        events.occurred_at,
        events.loaded_at as known_at,
    from events
    inner join kinds on {{ same_kind('events', 'kinds') }}

),

-- one id, two contents: both count, each for what it says
revisions as (

    select
        'id_with_other_content' as conflict,
        identifier_key,
        purpose,
        channel,
        recipient,
        source,
        action,
        'revised' as obstacle,
        event_id,
        min(occurred_at) as occurred_at,
        min(loaded_at) as known_at,
    from revised_events
    group by all

),

-- what one identifier of a person permits another forbids: the no outweighs (grants travel over no link)
disagreements as (

    select
        'linked_identifiers_disagree' as conflict,
        permissions.identifier_key,
        own.person_id,
        permissions.purpose,
        permissions.channel,
        permissions.recipient,
        denials.state as obstacle,
        permissions.winning_event_id as event_id,
        denials.identifier_key as other_identifier_key,
        denials.winning_event_id as other_event_id,
        denials.valid_from as occurred_at,
    from denials
    inner join person_links as theirs on denials.identifier_key = theirs.identifier_key
    inner join person_links as own on theirs.person_id = own.person_id and own.may_grant
    inner join permissions
        on own.identifier_key = permissions.identifier_key
        and denials.purpose = permissions.purpose
        and denials.channel is not distinct from permissions.channel
        and denials.recipient is not distinct from permissions.recipient
    where permissions.is_permitted and permissions.identifier_key <> denials.identifier_key
    qualify row_number() over (
        partition by own.person_id, permissions.identifier_key, permissions.purpose, permissions.channel, permissions.recipient
        order by denials.valid_from, denials.identifier_key, denials.controller nulls first
    ) = 1

),

unioned as (

    select * from attempts
    union all by name
    select * from revisions
    union all by name
    select * from disagreements

),

-- what stands today about the same thing
compared as (

    select
        unioned.conflict,
        unioned.identifier_key,
        unioned.person_id,
        unioned.purpose,
        unioned.channel,
        unioned.recipient,
        unioned.source,
        unioned.action,
        unioned.obstacle,
        permissions.state as standing_state,
        coalesce(permissions.is_permitted, false) as is_permitted_today,
        unioned.event_id,
        unioned.other_identifier_key,
        unioned.other_event_id,
        nullif(unioned.occurred_at, {{ beginning_of_time() }}) as occurred_at,
        unioned.known_at,
    from unioned
    left join permissions
        on unioned.identifier_key = permissions.identifier_key
        and unioned.purpose = permissions.purpose
        and unioned.channel is not distinct from permissions.channel
        and unioned.recipient is not distinct from permissions.recipient

)

select * from compared
