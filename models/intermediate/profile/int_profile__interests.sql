with person_interests as (

    select * from {{ ref('int_profile__person_interests') }}

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
        person_id,
        list(interest_id order by score desc, interest_id) as interests,
    from scored
    where score > 0
    group by person_id

)

select * from listed
