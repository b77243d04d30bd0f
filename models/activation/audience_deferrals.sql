with

contenders as (

    select * from {{ ref('audience_contenders') }}

),

capped as (

    select * from {{ ref('audience_capped') }}

),

recipients as (

    select * from {{ ref('recipients') }}

),

export_formats as (

    select * from {{ ref('export_formats') }}

),

-- the platform's own floor holds where a recipient declares a lower one or none; a package's format is not listed
floors as (

    select
        recipients.recipient,
        greatest(recipients.minimum_matched, export_formats.minimum_matched) as minimum_matched,
    from recipients
    left join export_formats on recipients.export_format = export_formats.export_format

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
    inner join floors on remaining.recipient = floors.recipient
    where remaining.hold_below_floor
    group by remaining.recipient, remaining.segment
    having round(count(*) * {{ var('expected_match_share') }}) < any_value(floors.minimum_matched)

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
