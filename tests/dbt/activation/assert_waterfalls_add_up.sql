-- Nobody is lost or counted twice on the way from everybody known to the recipient's file.
{{ config(meta={'dagster': {'ref': {'name': 'audience_waterfall'}}}) }}

with

waterfall as (

    select
        *,
        lag(people) over audience as people_before,
        last_value(people) over (
            audience rows between unbounded preceding and unbounded following
        ) as people_at_the_end,
    from {{ ref('audience_waterfall') }}
    window audience as (partition by recipient, segment order by step_number)

),

files as (

    select recipient, segment, count(*) filter (included) as people, from {{ ref('audience_members') }}
    group by recipient, segment

),

broken as (

    select waterfall.*
    from waterfall
    left join files on waterfall.recipient = files.recipient and waterfall.segment = files.segment
    where
        not (coalesce(waterfall.people_before, waterfall.people) - waterfall.dropped = waterfall.people)
        or waterfall.dropped < 0
        or waterfall.people < 0
        or (waterfall.dropped > 0) <> (waterfall.reason is not null)
        or waterfall.people_at_the_end <> coalesce(files.people, 0)

)

select * from broken
