with

contenders as (

    select * from {{ ref('audience_contenders') }}

),

capped as (

    select * from {{ ref('audience_capped') }}

),

recipient_expectations as (

    select recipient, expected_share, platform_minimum, from {{ ref('recipient_expectations') }}

),

remaining as (

    select contenders.*,
    from contenders
    anti join capped
        on contenders.recipient = capped.recipient
        and contenders.segment = capped.segment
        and contenders.person_id = capped.person_id
    where not contenders.is_outranked

),

-- audiences that the recipient would not serve yet
below_floor as (

    select remaining.recipient, remaining.segment,
    from remaining
    inner join recipient_expectations on remaining.recipient = recipient_expectations.recipient
    where remaining.hold_below_floor
    group by remaining.recipient, remaining.segment
    having round(count(*) * any_value(recipient_expectations.expected_share)) < any_value(recipient_expectations.platform_minimum)

),

-- a floor keeps newcomers waiting and takes nobody out
deferred as (

    select recipient, segment, person_id, 'lower_priority' as reason, from contenders
    where is_outranked

    union all

    select recipient, segment, person_id, 'capped' as reason, from capped

    union all

    select remaining.recipient, remaining.segment, remaining.person_id, 'below_floor' as reason,
    from remaining
    inner join below_floor on remaining.recipient = below_floor.recipient and remaining.segment = below_floor.segment
    where not remaining.is_held

)

select * from deferred
