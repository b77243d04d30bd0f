with intervals as (

    select * from {{ ref('int_consent__intervals') }}

),

tombstones as (

    select * from {{ ref('stg_consent__tombstones') }}

),

combinations as (

    select * from {{ ref('int_consent__combinations') }}

),

-- a no that is in force at as_of, or that is to come and is known already
standing as (

    select
        identifier_key,
        controller,
        purpose,
        channel,
        recipient,
        state,
        rule_id,
        reason,
        winning_event_id,
        valid_from,
    from intervals
    where holds_negative and rule_id <> 'R1' and {{ as_of() }} < valid_to and known_from <= {{ latest_known() }} and {{ latest_known() }} < known_to
    qualify row_number() over (
        partition by identifier_key, controller, purpose, channel, recipient
        order by valid_from
    ) = 1

),

-- an erased identifier is refused everything, also what no event of its own was about
erased as (

    select
        tombstones.identifier_key,
        cast(null as varchar) as controller,
        combinations.purpose,
        combinations.channel,
        combinations.recipient,
        'erased' as state,
        'R1' as rule_id,
        'tombstone' as reason,
        cast(null as varchar) as winning_event_id,
        {{ beginning_of_time() }} as valid_from,
    from tombstones
    cross join combinations
    group by all

),

unioned as (

    select * from standing
    union all
    select * from erased

)

select * from unioned
