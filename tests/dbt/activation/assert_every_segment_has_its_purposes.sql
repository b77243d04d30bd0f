-- A segment whose purposes were never derived would exclude everybody: say so instead.
{{ config(meta={'dagster': {'ref': {'name': 'segment_members'}}}) }}

with

declared as (

    {% for segment in var('segments') -%}
    select '{{ segment }}' as segment
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

derived as (

    select segment, from {{ source('lineage', 'segment_purposes') }}
    where purpose <> ''

),

unexplained as (

    select declared.segment
    from declared
    anti join derived on declared.segment = derived.segment
    -- asked once the segments are built
    where (select count(*) from {{ ref('segment_members') }}) >= 0

)

select * from unexplained
