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
        visits.*,
        evidence.evidence_rank,
        evidence.counts_low,
        evidence.counts_high,
        if(
            visits.evidence = 'deep_direct',
            coalesce(of_page.typed_in_share, of_site.typed_in_share), 0
        ) as typed_in_share,
    from visits
    inner join evidence on visits.evidence = evidence.evidence
    left join baseline as of_page on visits.source is not distinct from of_page.source and visits.path = of_page.path
    left join baseline as of_site on visits.source is not distinct from of_site.source and of_site.path is null

),

estimated as (

    select
        session_id,
        source,
        path,
        channel,
        evidence,
        evidence_rank,
        is_new,
        coalesce(typed_in_share, 0) as typed_in_expected,
        if(counts_low, 1, 0) as private_low,
        if(counts_high, 1 - coalesce(typed_in_share, 0), 0) as private_high,
        typed_in_share is not null as has_baseline,
        started_at,
    from weighed

)

select * from estimated
