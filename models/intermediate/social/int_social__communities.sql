with edges as (

    select * from {{ ref('int_social__edges') }}

),

handles as (

    select * from {{ ref('int_behaviour__identifier_persons') }}
    where starts_with(identifier_kind, 'handle:')

),

both_ways as (

    select person_id, other_person_id as neighbour_id, weight from edges
    union all
    select other_person_id, person_id, weight from edges

),

neighbours as (

    select person_id, neighbour_id, round(sum(weight), 6) as weight from both_ways
    group by person_id, neighbour_id

),

-- Everybody begins as a community of their own, called after a handle: ids of people are drawn anew in another home, and
-- the same people would fall into other communities there.
own_labels as (

    select person_id, md5('community|' || min(identifier_key)) as label
    from handles
    semi join neighbours on handles.person_id = neighbours.person_id
    group by person_id

),

{{ label_propagation('neighbours', 'own_labels', var('community_rounds')) }},

counted as (

    select
        person_id,
        label as community_id,
        count(*) over (partition by label) as community_size,
    from propagated

)

select * from counted
