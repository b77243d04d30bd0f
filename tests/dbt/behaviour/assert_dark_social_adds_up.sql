-- Whoever reports dark social reports a share of all visits: every visit that may be counted is in the waterfall exactly once, no
-- end of the range lies beyond the other or beyond the visits, and what is not certain is certain at neither end.
{{ config(meta={'dagster': {'ref': {'name': 'dark_social'}}}) }}

with

shown as (

    select day, sum(visits) as visits, sum(new_visits) as new_visits from {{ ref('dark_social') }}
    group by day

),

-- asked of the visits themselves, past the models between them and the mart
counted as (

    select cast(sessions.started_at as date) as day, count(*) as visits
    from {{ ref('int_behaviour__sessions') }} as sessions
    inner join {{ ref('int_behaviour__session_persons') }} as session_persons on sessions.session_id = session_persons.session_id
    where
        sessions.bot_reason is null
        and (
            session_persons.person_id is not null
            or (
                sessions.linked_person_id is null
                and sessions.visitor_id not in (
                    select visitor_id from {{ ref('int_behaviour__clicks') }} where login_id is not null
                )
            )
        )
    group by day

)

select 'not every visit is in one row' as failure, day
from shown
full join counted using (day)
where shown.visits is distinct from counted.visits
union all
select 'the range is none', day from {{ ref('dark_social') }}
where not (0 <= private_low and private_low <= private_high and private_high + typed_in_expected <= visits + 0.0002 and new_visits <= visits)
union all
select 'a known or typed-in visit is shown as private', day from {{ ref('dark_social') }}
where evidence in ('known', 'typed_in', 'not_told') and private_high > 0
union all
select 'a visit without a trace is neither private nor typed in', day from {{ ref('dark_social') }}
where evidence = 'deep_direct' and abs(private_high + typed_in_expected - visits) > 0.0002
union all
select 'the pages are not the visits of their month', month
from (
    select date_trunc('month', day) as month, sum(visits) as visits, sum(private_low) as low from {{ ref('dark_social') }}
    group by all
) as months
full join (
    select month, sum(visits) as visits, sum(private_low) as low from {{ ref('dark_social_pages') }}
    group by all
) as pages using (month)
where (months.visits, months.low) is distinct from (pages.visits, pages.low)
