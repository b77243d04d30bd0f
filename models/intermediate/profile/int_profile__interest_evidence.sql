with person_interests as (

    select * from {{ ref('int_profile__person_interests') }}

),

-- Only what person_interests lets through: the same gates, and no special category.
gathered as (

    select
        person_id,
        interest_id,
        coalesce(max(polarity * score) filter (origin = 'declared'), 0) as declared_score,
        coalesce(max(polarity * score) filter (origin = 'observed'), 0) as observed_score,
        coalesce(max(polarity * score) filter (origin = 'inferred'), 0) as inferred_score,
        string_agg(basis, ', ' order by origin = 'observed', origin) as basis,
        list_sort(list_distinct(flatten(list(places)))) as places,
        max(last_observed_at) as last_observed_at,
    from person_interests
    group by person_id, interest_id

)

select * from gathered
