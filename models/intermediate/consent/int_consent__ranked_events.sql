with events as (

    select * from {{ ref('int_consent__asserted_events') }}
    where effect not in ('neutral', 'attempt') and obstacle is null

),

expiries as (

    select * from {{ ref('int_consent__expiries') }}

),

notice_changes as (

    select * from {{ ref('int_consent__notice_changes') }}

),

allowed_bases as (

    select * from {{ ref('allowed_bases') }}

),

-- R9: what raises begins at its latest moment, what lowers at its earliest; an act is later than another only if it
-- certainly is. R12: a basis other than consent carries no act of will, so that it outlives no negative
timed as (

    select
        events.event_id,
        events.identifier_key,
        events.controller,
        events.purpose,
        events.channel,
        events.recipient,
        events.effect,
        events.asserted_state,
        events.actor,
        events.basis,
        events.precision_rank,
        events.source_rank,
        events.requires_double_opt_in,
        events.earliest_at,
        case
            when events.effect <> 'positive' then null
            when events.basis = 'consent' then events.asserted_state
            else allowed_bases.state
        end as usable_state,
        case when events.effect in ('positive', 'confirmation', 'lift') then latest_at else earliest_at end as starts_at,
        case
            when events.effect = 'positive' and events.basis <> 'consent' then {{ beginning_of_time() }}
            when events.effect in ('positive', 'confirmation', 'lift') then earliest_at
            else latest_at
        end as decides_at,
        expiries.expires_at,
        expiries.expiry_reason,
        case when events.effect = 'positive' then notice_changes.changes end as notice_changes,
        events.known_from,
    from events
    left join expiries
        on events.event_id = expiries.event_id
    left join notice_changes
        on
            events.notice_id = notice_changes.notice_id
            and events.notice_version = notice_changes.notice_version
            and events.notice_locale = notice_changes.notice_locale
    left join allowed_bases
        on
            events.purpose = allowed_bases.purpose
            and events.channel is not distinct from allowed_bases.channel
            and events.basis = allowed_bases.basis

),

-- R8: one total order; among acts of one effect the highest rank is the newest
ranked as (

    select
        *,
        row_number() over (
            order by decides_at, starts_at, precision_rank, source_rank, event_id
        ) as event_rank,
    from timed

)

select * from ranked
