with edges as (

    select * from {{ ref('int_social__edges') }}

),

communities as (

    select * from {{ ref('int_social__communities') }}

),

ends as (

    select person_id, other_person_id as neighbour_id, 1 as outgoing, 0 as incoming, weight from edges
    union all
    select other_person_id, person_id, 0, 1, weight from edges

),

degrees as (

    select
        person_id,
        count(distinct neighbour_id) as degree,
        sum(outgoing) as outgoing,
        sum(incoming) as incoming,
        round(sum(weight), 6) as weight,
    from ends
    group by person_id

),

members as (

    select
        communities.person_id,
        communities.community_id,
        communities.community_size,
        degrees.degree,
        cast(degrees.outgoing as bigint) as outgoing,
        cast(degrees.incoming as bigint) as incoming,
        degrees.weight,
    from communities
    inner join degrees on communities.person_id = degrees.person_id

)

select * from members
