with edges as (

    select * from {{ ref('int_social__edges') }}

),

communities as (

    select * from {{ ref('int_social__communities') }}

),

related as (

    select
        edges.person_id,
        edges.other_person_id,
        edges.kinds,
        edges.weight,
        back.person_id is not null as is_mutual,
        mine.community_id = theirs.community_id as is_within_community,
        edges.first_observed_at,
        edges.last_observed_at,
    from edges
    inner join communities as mine on edges.person_id = mine.person_id
    inner join communities as theirs on edges.other_person_id = theirs.person_id
    left join edges as back
        on edges.person_id = back.other_person_id and edges.other_person_id = back.person_id

)

select * from related
