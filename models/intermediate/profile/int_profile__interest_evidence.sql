with observed as (

    select * from {{ ref('int_enrichment__observed_interests') }}

),

inferred as (

    select * from {{ ref('int_enrichment__inferred_interests') }}

),

person_interests as (

    select * from {{ ref('int_profile__person_interests') }}

),

-- Only what person_interests lets through: the same gates, and no special category.
told as (

    select
        person_interests.person_id,
        person_interests.interest_id,
        person_interests.origin,
        person_interests.polarity * person_interests.score as score,
        observed.page_views,
        observed.email_clicks,
        observed.purchases,
        inferred.evidence_count as texts,
        person_interests.places,
        person_interests.last_observed_at,
    from person_interests
    left join observed
        on person_interests.origin = 'observed'
        and person_interests.person_id = observed.person_id
        and person_interests.interest_id = observed.interest_id
    left join inferred
        on person_interests.origin = 'inferred'
        and person_interests.person_id = inferred.person_id
        and person_interests.interest_id = inferred.interest_id

),

gathered as (

    select
        person_id,
        interest_id,
        coalesce(max(score) filter (origin = 'observed'), 0) as observed_score,
        coalesce(max(score) filter (origin = 'inferred'), 0) as inferred_score,
        coalesce(max(page_views), 0) as page_views,
        coalesce(max(email_clicks), 0) as email_clicks,
        coalesce(max(purchases), 0) as purchases,
        coalesce(max(texts), 0) as texts,
        list_sort(list_distinct(flatten(list(places)))) as places,
        max(last_observed_at) as last_observed_at,
    from told
    group by person_id, interest_id

)

select * from gathered
