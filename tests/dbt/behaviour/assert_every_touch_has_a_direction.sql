-- A channel that seeds/channel_directions.csv does not list is neither push nor pull until somebody says which, and a kind of
-- touch that seeds/touch_kinds.csv does not list is in no funnel and no reach.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'person_timeline'}}}) }}

select timeline.kind, timeline.channel, count(*) as touches
from {{ ref('person_timeline') }} as timeline
left join {{ ref('touch_kinds') }} as touch_kinds on timeline.kind = touch_kinds.kind
where timeline.direction is null or touch_kinds.kind is null
group by timeline.kind, timeline.channel
