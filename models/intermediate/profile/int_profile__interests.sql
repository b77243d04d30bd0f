with person_interests as (

    select * from {{ ref('int_profile__person_interests') }}

),

taxonomy as (

    select interest_id, label from {{ ref('interest_taxonomy') }}

),

scored as (

    select
        person_id,
        interest_id,
        sum(polarity * score) as score,
    from person_interests
    group by person_id, interest_id

),

-- likes only, strongest first; where deeds and words disagree the stronger decides
listed as (

    select
        scored.person_id,
        list(scored.interest_id order by scored.score desc, scored.interest_id) as interests,
        list(taxonomy.label order by scored.score desc, scored.interest_id) as interest_names,
    from scored
    inner join taxonomy on scored.interest_id = taxonomy.interest_id
    where scored.score > 0
    group by scored.person_id

)

select * from listed
