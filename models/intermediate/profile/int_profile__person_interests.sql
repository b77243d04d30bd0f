with declared as (

    select * from {{ ref('int_enrichment__declared_interests') }}

),

observed as (

    select * from {{ ref('int_enrichment__observed_interests') }}

),

inferred as (

    select * from {{ ref('int_enrichment__inferred_interests') }}

),

gates as (

    select * from {{ ref('int_profile__gates') }}
    where may_use_interests

),

-- special categories (GDPR Art. 9) are never anybody's interest, whatever evidence points to one
ordinary as (

    select interest_id from {{ ref('interest_taxonomy') }}
    where not is_special_category

),

unioned as (

    select
        person_id,
        interest_id,
        'declared' as origin,
        polarity,
        score,
        evidence_count,
        cast([] as varchar[]) as places,
        basis,
        last_observed_at,
    from declared

    union all

    select
        person_id,
        interest_id,
        'observed' as origin,
        1 as polarity,
        score,
        evidence_count,
        cast([] as varchar[]) as places,
        basis,
        last_observed_at,
    from observed

    union all

    select
        person_id,
        interest_id,
        'inferred' as origin,
        polarity,
        score,
        evidence_count,
        places,
        basis,
        last_observed_at,
    from inferred

),

-- What somebody did needs analytics.behaviour and what somebody wrote enrichment.social (the models above see to it);
-- to keep either, or what somebody told us, as an interest needs enrichment.interests as well.
permitted as (

    select
        unioned.person_id,
        unioned.interest_id,
        unioned.origin,
        unioned.polarity,
        unioned.score,
        unioned.evidence_count,
        unioned.places,
        unioned.basis,
        round(unioned.polarity * unioned.score, 2) || ': ' || unioned.basis as explanation,
        unioned.last_observed_at,
    from unioned
    inner join gates on unioned.person_id = gates.person_id
    inner join ordinary on unioned.interest_id = ordinary.interest_id

)

select * from permitted
