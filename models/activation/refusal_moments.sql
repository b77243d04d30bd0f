with

refused_holdings as (

    select * from {{ ref('refused_holdings') }}

),

events as (

    select event_id, identifier_key, loaded_at, from {{ ref('stg_consent__events') }}
    where event_id in (select event_id from refused_holdings)

),

tombstones as (

    select identifier_key, min(erased_at) as erased_at, from {{ ref('stg_consent__tombstones') }}
    group by identifier_key

),

list_deliveries as (

    select list_id, max(delivered_at) + to_days(max(maximum_age_days)) as stale_at, from {{ ref('int_consent__list_deliveries') }}
    where delivered_at <= {{ as_of() }} and known_from <= {{ latest_known() }}
    group by list_id

),

-- the identifier that holds what refused: a no may stand on a linked one
decided as (

    select
        refused_holdings.*,
        if(is_through_link, coalesce(events.identifier_key, refused_holdings.identifier_key), refused_holdings.identifier_key)
            as deciding_key,
        events.loaded_at as event_loaded_at,
    from refused_holdings
    left join events on refused_holdings.event_id = events.event_id

),

intervals as (

    select * from {{ ref('int_consent__intervals') }}
    where identifier_key in (select deciding_key from decided) and known_from <= {{ latest_known() }}

),

-- the end of the last stretch that permitted, as known now; of what never did, when that decision begins
ended as (

    select
        decided.recipient,
        decided.segment,
        decided.identifier_key,
        coalesce(
            max(intervals.valid_to) filter (
                intervals.is_permitted and decided.purpose = intervals.purpose and decided.cause <> 'invalidated'
                and intervals.valid_from <= {{ as_of() }}
            ),
            -- a signal stood for the purpose
            max(intervals.valid_to) filter (
                intervals.is_permitted and decided.purpose <> intervals.purpose and intervals.valid_to <= {{ as_of() }}
            ),
            max(intervals.valid_from) filter (
                not intervals.is_permitted and decided.purpose = intervals.purpose and intervals.valid_from <= {{ as_of() }}
            )
        ) as ended_at,
    from decided
    inner join intervals
        on decided.deciding_key = intervals.identifier_key
        and (decided.purpose = intervals.purpose or (decided.gate = 1 and list_contains(decided.purposes, intervals.purpose)))
        and decided.channel is not distinct from intervals.channel
        and decided.permission_recipient is not distinct from intervals.recipient
        and {{ latest_known() }} < intervals.known_to
    group by decided.recipient, decided.segment, decided.identifier_key

),

caused as (

    select
        decided.*,
        case
            when decided.cause = 'expires_before_next_run' then decided.ends_at
            when decided.cause = 'erased' then tombstones.erased_at
            when starts_with(decided.reason, 'stale_list:') then list_deliveries.stale_at
            when decided.gate = 1 and decided.is_through_link then decided.denied_from
            when decided.gate in (1, 2) and decided.cause <> 'identifier_shared' then ended.ended_at
        end as caused_at,
    from decided
    left join ended
        on decided.recipient = ended.recipient
        and decided.segment = ended.segment
        and decided.identifier_key = ended.identifier_key
    left join tombstones on decided.deciding_key = tombstones.identifier_key
    left join list_deliveries on split_part(decided.reason, 'stale_list:', 2) = list_deliveries.list_id

),

-- until when we believed that it was permitted at that moment: then we learned better
learned as (

    select
        caused.recipient,
        caused.segment,
        caused.identifier_key,
        max(intervals.known_to) as learned_at,
    from caused
    inner join intervals
        on caused.deciding_key = intervals.identifier_key
        and caused.purpose = intervals.purpose
        and caused.channel is not distinct from intervals.channel
        and caused.permission_recipient is not distinct from intervals.recipient
        and intervals.is_permitted
        and intervals.valid_from <= caused.caused_at
        and caused.caused_at < intervals.valid_to
        and intervals.known_to <= {{ latest_known() }}
    group by caused.recipient, caused.segment, caused.identifier_key

)

select
    caused.recipient,
    caused.segment,
    caused.identifier_key,
    caused.purpose,
    caused.cause,
    caused.event_id as deciding_event_id,
    caused.is_through_link,
    caused.caused_at,
    case
        when caused.cause = 'expires_before_next_run' then {{ as_of() }}
        else coalesce(learned.learned_at, greatest(caused.caused_at, caused.event_loaded_at))
    end as known_at,
from caused
left join learned
    on caused.recipient = learned.recipient
    and caused.segment = learned.segment
    and caused.identifier_key = learned.identifier_key
