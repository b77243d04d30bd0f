with

deadlines as (

    select max(lead_hours) as lead_hours, from {{ ref('obligation_deadlines') }}
    where cause = 'expires_before_next_run'

),

permissions as (

    select * from {{ ref('int_consent__permissions') }}
    where controller = {{ own_controller() }}

),

intervals as (

    select * from {{ ref('int_consent__intervals') }}
    where
        controller = {{ own_controller() }}
        and not is_permitted
        and known_from <= {{ latest_known() }} and {{ latest_known() }} < known_to

),

-- permitted now, by a decision that does not last; what follows may permit as well
changing as (

    select permissions.identifier_key, permissions.purpose, permissions.channel, permissions.recipient,
    from permissions
    inner join deadlines on permissions.valid_to <= {{ as_of() }} + to_hours(deadlines.lead_hours)
    where permissions.is_permitted

),

ending as (

    select
        changing.identifier_key,
        changing.purpose,
        changing.channel,
        changing.recipient,
        min(intervals.valid_from) as ends_at,
    from changing
    inner join intervals
        on changing.identifier_key = intervals.identifier_key
        and changing.purpose = intervals.purpose
        and changing.channel is not distinct from intervals.channel
        and changing.recipient is not distinct from intervals.recipient
        and {{ as_of() }} < intervals.valid_from
    inner join deadlines on intervals.valid_from <= {{ as_of() }} + to_hours(deadlines.lead_hours)
    group by all

)

select * from ending
