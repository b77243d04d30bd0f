with edges as (

    select * from {{ ref('int_social__edges') }}

),

evidence as (

    select * from {{ ref('interest_graph') }}
    where weight > 0

),

gates as (

    select * from {{ ref('int_profile__gates') }}
    where may_use_interests

),

both_ways as (

    select person_id, other_person_id, weight from edges
    union all
    select other_person_id, person_id, weight from edges

),

-- whoever has a relation, whichever way it goes, from the view of each; both permit their interests to be known
pairs as (

    select
        both_ways.person_id,
        both_ways.other_person_id,
        round(sum(both_ways.weight), 6) as social_weight,
    from both_ways
    inner join gates as mine on both_ways.person_id = mine.person_id
    inner join gates as theirs on both_ways.other_person_id = theirs.person_id
    group by both_ways.person_id, both_ways.other_person_id

),

-- who of the two likes what, and how much both do
likes as (

    select pairs.person_id, pairs.other_person_id, evidence.interest_id, evidence.interest, evidence.weight
    from pairs
    inner join evidence on pairs.person_id = evidence.person_id

    union all

    select pairs.person_id, pairs.other_person_id, evidence.interest_id, evidence.interest, evidence.weight
    from pairs
    inner join evidence on pairs.other_person_id = evidence.person_id

),

compared as (

    select
        person_id,
        other_person_id,
        interest_id,
        any_value(interest) as interest,
        if(count(*) = 2, min(weight), 0) as common_weight,
        max(weight) as whole_weight,
    from likes
    group by person_id, other_person_id, interest_id

),

-- weighted Jaccard: what both like of what either likes
overlapping as (

    select
        pairs.person_id,
        pairs.other_person_id,
        pairs.social_weight,
        coalesce(
            list(compared.interest order by compared.common_weight desc, compared.interest_id)
                filter (compared.common_weight > 0),
            []
        ) as shared_interests,
        coalesce(round(sum(compared.common_weight) / sum(compared.whole_weight), 4), 0) as interest_overlap,
    from pairs
    left join compared
        on pairs.person_id = compared.person_id and pairs.other_person_id = compared.other_person_id
    group by pairs.person_id, pairs.other_person_id, pairs.social_weight

),

judged as (

    select
        person_id,
        other_person_id,
        social_weight,
        interest_overlap,
        interest_overlap >= {{ var('interest_neighbour_overlap') }} as is_interest_neighbour,
        shared_interests,
    from overlapping

)

select * from judged
