-- The people of two days, or of two channels, may be the same: whoever adds them up reports a reach that nobody had. The mart
-- holds no number of people that a database would add, every row is counted anew from the touches, and the sketches of the days
-- of a month merge to the people of the month.
{{ config(meta={'dagster': {'ref': {'name': 'reach'}}}) }}

with

reached as (

    select * from {{ ref('reach') }}

),

contacts as (

    select timeline.person_id, timeline.channel, cast(timeline.occurred_at as date) as day
    from {{ ref('person_timeline') }} as timeline
    inner join {{ ref('touch_kinds') }} as touch_kinds on timeline.kind = touch_kinds.kind and touch_kinds.is_reach
    inner join {{ ref('int_profile__gates') }} as gates on timeline.person_id = gates.person_id and gates.may_analyse
    where timeline.channel is not null and timeline.occurred_at <= {{ as_of() }}

),

recounted as (

    select
        reached.period_grain,
        reached.period_start,
        reached.channel,
        reached.people,
        count(distinct contacts.person_id) as people_again,
    from reached
    inner join contacts
        on contacts.day >= reached.period_start
        and contacts.day < reached.period_end
        and reached.channel in ('*', contacts.channel)
    where reached.direction = '*' and reached.period_grain in ('month', 'year')
    group by all

),

merged as (

    select
        months.period_start,
        months.channel,
        months.direction,
        months.people,
        list_sort(list_distinct(flatten(list(days.people_sketch))))[1:{{ var('reach_sketch_size') }}] as people_sketch,
    from reached as months
    inner join reached as days
        on months.channel = days.channel
        and months.direction = days.direction
        and days.period_start >= months.period_start
        and days.period_start < months.period_end
    where months.period_grain = 'month' and days.period_grain = 'day'
    group by months.period_start, months.channel, months.direction, months.people

),

columns as (

    select column_name, data_type from information_schema.columns
    where table_schema = 'marts' and table_name = 'reach'

)

select column_name || ' can be summed' as failure from columns
where column_name <> 'frequency' and data_type not in ('VARCHAR', 'DATE', 'BOOLEAN', 'UBIGINT[]')
union all
select concat_ws(' ', period_grain, period_start, channel, 'is not the number of different people') from recounted
where cast(people as bigint) <> people_again
union all
select concat_ws(' ', period_start, channel, direction, 'is not what its days merge to') from merged
where len(people_sketch) <> least(cast(people as bigint), {{ var('reach_sketch_size') }})
