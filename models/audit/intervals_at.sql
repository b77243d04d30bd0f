-- Stored intervals know every proof of use that is loaded, for nobody could store another version of them for each click: at K
-- what only a later proof prolonged has lapsed.
with decided as (

    select * from {{ ref('int_consent__intervals') }}
    where valid_from <= moment and moment < valid_to and known_from <= known and known < known_to

),

uses as (

    select * from {{ ref('int_consent__proofs_of_use') }}

),

-- nobody, where everything that is loaded is known
prolonged_later as (

    select identifier_number, purpose, channel
    from uses
    where loaded_at > known
    group by identifier_number, purpose, channel

),

known_uses as (

    select uses.*
    from uses
    semi join prolonged_later using (identifier_number, purpose, channel)
    where uses.loaded_at <= known

),

-- the grants that lapse, where no rule before R11 decides
grants as (

    select
        decided.key_number,
        decided.identifier_number,
        events.earliest_at,
        kinds.purpose,
        kinds.channel,
        kinds.lapse_after_unused_days,
    from decided
    inner join {{ ref('int_consent__ranked_events') }} as events
        on decided.winning_seq = events.event_seq
    inner join {{ ref('int_consent__event_kinds') }} as kinds
        on events.kind_id = kinds.kind_id
    where decided.is_permitted or decided.rule_id in ('R11', 'R12')

),

lapses as (

    select
        grants.key_number,
        {{ lapses_at('grants.earliest_at', 'spells', 'grants.lapse_after_unused_days') }} as lapses_at,
    from grants
    semi join prolonged_later using (identifier_number, purpose, channel)
    asof left join {{ spells_of_use('known_uses') }} as spells
        on
            row(grants.identifier_number, grants.purpose, grants.channel)
            = row(spells.identifier_number, spells.purpose, spells.channel)
            and grants.earliest_at <= spells.last_used_at

),

compared as (

    select
        decided.*,
        lapses.lapses_at,
        -- at one moment a lapse comes before the change of a notice
        coalesce(
            lapses.lapses_at < coalesce(decided.expires_at, {{ end_of_time() }})
            or (lapses.lapses_at = decided.expires_at and decided.reason = 'notice_changed'),
            false
        ) as ends_earlier,
        ends_earlier and lapses.lapses_at <= moment as has_lapsed,
    from decided
    left join lapses
        on decided.key_number = lapses.key_number

),

known_then as (

    select
        * exclude (lapses_at, ends_earlier, has_lapsed)
        replace (
            if(has_lapsed, 'lapsed', state) as state,
            is_permitted and not has_lapsed as is_permitted,
            if(has_lapsed, 'R11', rule_id) as rule_id,
            if(has_lapsed, 'unused', reason) as reason,
            if(has_lapsed or (is_permitted and ends_earlier), lapses_at, expires_at) as expires_at,
            if(has_lapsed, greatest(valid_from, lapses_at), valid_from) as valid_from,
            if(rule_id = 'R11' or has_lapsed, valid_to, least(valid_to, lapses_at)) as valid_to
        ),
    from compared

)

select * from known_then
