with

declared_interests as (

    select * from {{ ref('stg_crm__declared_interests') }}

),

identifier_persons as (

    select * from {{ ref('int_behaviour__identifier_persons') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}
    where may_use_interests

),

weights as (

    select * from {{ ref('interest_weights') }}
    where evidence = 'declaration'

),

withheld_identifiers as (

    select identifier_key, person_id from {{ ref('int_identity__withheld_identifiers') }}
    where purpose = 'enrichment.interests'

),

-- What somebody says of themselves holds until they say otherwise, wherever they say it.
newest as (

    select
        person_uses.person_id,
        declared_interests.interest_id,
        declared_interests.polarity,
        declared_interests.declared_at,
        list(declared_interests.source) over (
            partition by person_uses.person_id, declared_interests.interest_id, declared_interests.polarity
            rows between unbounded preceding and unbounded following
        ) as sources,
    from declared_interests
    inner join identifier_persons on declared_interests.identifier_key = identifier_persons.identifier_key
    inner join person_uses on identifier_persons.person_id = person_uses.person_id
    anti join withheld_identifiers
        on identifier_persons.identifier_key = withheld_identifiers.identifier_key
        and identifier_persons.person_id = withheld_identifiers.person_id
    qualify row_number() over (
        partition by person_uses.person_id, declared_interests.interest_id
        order by declared_interests.declared_at desc, declared_interests.polarity,
            declared_interests.source, declared_interests.identifier_key
    ) = 1

),

-- It is said once, however many forms repeat it; only its age weakens it.
scored as (

    select
        newest.person_id,
        newest.interest_id,
        newest.polarity,
        round(1 - exp(
            -weights.weight * pow(0.5, date_diff('day', newest.declared_at, {{ as_of() }}) / weights.half_life_days)
            / {{ var('interest_score_scale') }}
        ), 4) as score,
        len(list_distinct(newest.sources)) as evidence_count,
        'told ' || array_to_string(list_sort(list_distinct(newest.sources)), ', ') as basis,
        newest.declared_at as last_observed_at,
    from newest
    cross join weights

)

select * from scored
