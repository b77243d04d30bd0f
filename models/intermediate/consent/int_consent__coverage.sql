with combinations as (

    select * from {{ ref('int_consent__combinations') }}

),

purposes as (

    select * from {{ ref('purposes') }}

),

events as (

    select * from {{ ref('int_consent__asserted_events') }}

),

scopes as (

    select
        purpose,
        channel,
        recipient,
        effect = 'positive' as is_positive,
    from events
    where effect not in ('neutral', 'attempt') and obstacle is null
    group by all

),

-- R6: a negative (and what works like one) on a wider scope covers everything narrower; a positive covers itself
covered as (

    select
        scopes.purpose as event_purpose,
        scopes.channel as event_channel,
        scopes.recipient as event_recipient,
        scopes.is_positive,
        combinations.combination_id,
    from scopes
    inner join combinations
        on
            case
                when scopes.is_positive then scopes.purpose = combinations.purpose
                else
                    scopes.purpose in ('any', combinations.purpose)
                    or starts_with(combinations.purpose, scopes.purpose || '.')
            end
            and case
                when combinations.channel is null then true
                when scopes.is_positive then scopes.channel = combinations.channel
                else coalesce(scopes.channel, 'any') in ('any', combinations.channel)
            end
            and case
                when scopes.is_positive then scopes.recipient is not distinct from combinations.recipient
                else scopes.recipient is null or scopes.recipient = combinations.recipient
            end

)

select * from covered
