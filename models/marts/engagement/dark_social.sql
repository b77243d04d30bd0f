with visits as (

    select * from {{ ref('int_dark_social__visits') }}

),

baseline as (

    select * from {{ ref('int_dark_social__baseline') }}

),

evidence as (

    select * from {{ ref('dark_social_evidence') }}

),

-- How much of a visit was probably typed in: only of those without any trace, by their page where enough is known of it, else
-- by their site.
weighed as (

    select
        cast(visits.started_at as date) as day,
        visits.source,
        visits.channel,
        visits.evidence,
        visits.is_new,
        if(
            visits.evidence = 'deep_direct',
            coalesce(of_page.typed_in_share, of_site.typed_in_share), 0
        ) as typed_in_share,
    from visits
    left join baseline as of_page on visits.source is not distinct from of_page.source and visits.path = of_page.path
    left join baseline as of_site on visits.source is not distinct from of_site.source and of_site.path is null

),

counted as (

    select
        weighed.day,
        weighed.source,
        weighed.channel,
        weighed.evidence,
        count(*) as visits,
        count(*) filter (weighed.is_new) as new_visits,
        round(sum(coalesce(weighed.typed_in_share, 0)), 4) as typed_in_expected,
        count(weighed.typed_in_share) = count(*) as has_baseline,
    from weighed
    group by weighed.day, weighed.source, weighed.channel, weighed.evidence

),

ranged as (

    select
        counted.day,
        counted.source,
        counted.channel,
        counted.evidence,
        evidence.evidence_rank,
        counted.visits,
        counted.new_visits,
        counted.typed_in_expected,
        if(evidence.counts_low, cast(counted.visits as double), 0) as private_low,
        if(evidence.counts_high, counted.visits - counted.typed_in_expected, 0) as private_high,
        counted.has_baseline,
    from counted
    inner join evidence on counted.evidence = evidence.evidence

)

select * from ranged
