with edges as (

    select * from {{ ref('stg_social__edges') }}

),

posts as (

    select * from {{ ref('stg_social__posts') }}

),

identifier_persons as (

    select * from {{ ref('int_behaviour__identifier_persons') }}

),

gates as (

    select * from {{ ref('int_profile__gates') }}
    where may_use_social

),

weights as (

    select * from {{ ref('social_edge_weights') }}

),

-- a reply among the posts is a relation that nobody had to deliver as one
replies as (

    select
        answers.handle_key as from_handle_key,
        answered.handle_key as to_handle_key,
        min(answers.posted_at) as first_observed_at,
        max(answers.posted_at) as observed_at,
    from posts as answers
    inner join posts as answered on answers.reply_to_key = answered.post_key and answers.source = answered.source
    group by answers.handle_key, answered.handle_key

),

relations as (

    select from_handle_key, to_handle_key, kind, first_observed_at, observed_at from edges

    union all

    select from_handle_key, to_handle_key, 'replies', first_observed_at, observed_at from replies

),

-- Both ends are people who permit their social data to be used: a relation tells of the other as much as of the one.
people as (

    select
        acting.person_id,
        other.person_id as other_person_id,
        relations.kind,
        min(relations.first_observed_at) as first_observed_at,
        max(relations.observed_at) as last_observed_at,
    from relations
    inner join identifier_persons as acting on relations.from_handle_key = acting.identifier_key
    inner join identifier_persons as other on relations.to_handle_key = other.identifier_key
    inner join gates as acting_gates on acting.person_id = acting_gates.person_id
    inner join gates as other_gates on other.person_id = other_gates.person_id
    where acting.person_id <> other.person_id
    group by acting.person_id, other.person_id, relations.kind

),

-- an undeclared kind of relation weighs nothing and is none
weighed as (

    select
        people.person_id,
        people.other_person_id,
        list(people.kind order by people.kind) as kinds,
        round(sum(
            weights.weight
            * pow(0.5, greatest(date_diff('day', people.last_observed_at, {{ as_of() }}), 0) / weights.half_life_days)
        ), 6) as weight,
        min(people.first_observed_at) as first_observed_at,
        max(people.last_observed_at) as last_observed_at,
    from people
    inner join weights on people.kind = weights.kind
    group by people.person_id, people.other_person_id

)

select * from weighed
