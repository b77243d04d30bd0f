-- Two visits of one browser that overlap would count its time twice. Sessions that a source delivers ready are its own matter.
{{ config(meta={'dagster': {'ref': {'name': 'int_behaviour__sessions'}}}) }}

with

given as (

    select hash(event_id) as session_id from {{ ref('stg_web__page_views') }}
    where session_id is not null

),

visits as (

    select
        session_key,
        started_at,
        lag(ended_at) over (partition by visitor_id order by started_at, session_id) as ended_before,
    from {{ ref('int_behaviour__sessions') }}
    anti join given using (session_id)

)

select * from visits
where started_at < ended_before
