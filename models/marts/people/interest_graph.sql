with evidence as (

    select * from {{ ref('int_profile__interest_evidence') }}

),

taxonomy as (

    select * from {{ ref('interest_taxonomy') }}

),

-- What agrees strengthens each other without ever exceeding 1; what disagrees is weighed against it.
weighed as (

    select
        evidence.*,
        taxonomy.label as interest,
        taxonomy.parent_id as parent_interest_id,
        round(
            (1 - evidence.observed_score) * (1 - greatest(evidence.inferred_score, 0)) * (1 - greatest(evidence.declared_score, 0)),
            6
        ) as doubt_of_likes,
        round((1 + least(evidence.inferred_score, 0)) * (1 + least(evidence.declared_score, 0)), 6) as doubt_of_dislikes,
        round(doubt_of_dislikes - doubt_of_likes, 4) as weight,
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
        round(weight, 2) || ': ' || basis as explanation,
        declared_score,
        observed_score,
        inferred_score,
        places,
        last_observed_at,
    from weighed

)

select * from ranked
