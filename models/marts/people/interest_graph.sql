with evidence as (

    select * from {{ ref('int_profile__interest_evidence') }}

),

taxonomy as (

    select * from {{ ref('interest_taxonomy') }}

),

-- Deeds and words that agree strengthen each other without ever exceeding 1; where they disagree they are weighed.
weighed as (

    select
        evidence.*,
        taxonomy.label as interest,
        taxonomy.parent_id as parent_interest_id,
        round(
            if(
                evidence.inferred_score >= 0,
                1 - (1 - evidence.observed_score) * (1 - evidence.inferred_score),
                evidence.observed_score + evidence.inferred_score
            ),
            4
        ) as weight,
    from evidence
    inner join taxonomy on evidence.interest_id = taxonomy.interest_id

),

ranked as (

    select
        person_id,
        interest_id,
        interest,
        parent_interest_id,
        weight,
        row_number() over (partition by person_id order by weight desc, interest_id) as interest_rank,
        interest_rank <= {{ var('interest_top_count') }} and weight > 0 as is_top,
        concat_ws(
            ', ',
            {{ counted('texts', 'post') }},
            {{ counted('page_views', 'page view') }},
            {{ counted('email_clicks', 'click') }},
            {{ counted('purchases', 'purchase') }}
        ) as explanation,
        observed_score,
        inferred_score,
        places,
        last_observed_at,
    from weighed

)

select * from ranked
