with

text_interests as (

    select * from {{ ref('stg_social__text_interests') }}
    where observed_at <= {{ as_of() }}

),

identifier_persons as (

    select * from {{ ref('int_behaviour__identifier_persons') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}
    where may_use_social and may_use_interests

),

weights as (

    select * from {{ ref('interest_weights') }}
    where evidence = 'text'

),

withheld_identifiers as (

    select identifier_key, person_id from {{ ref('int_identity__withheld_identifiers') }}
    where purpose = 'enrichment.interests'

),

-- A text says an interest once, however often it repeats the word; the surest sentence counts.
said as (

    select
        person_uses.person_id,
        text_interests.interest_id,
        text_interests.polarity,
        text_interests.text_key,
        text_interests.place,
        text_interests.confidence,
        text_interests.observed_at,
    from text_interests
    inner join identifier_persons on text_interests.handle_key = identifier_persons.identifier_key
    inner join person_uses on identifier_persons.person_id = person_uses.person_id
    anti join withheld_identifiers
        on identifier_persons.identifier_key = withheld_identifiers.identifier_key
        and identifier_persons.person_id = withheld_identifiers.person_id
    qualify row_number() over (
        partition by person_uses.person_id, text_interests.interest_id, text_interests.text_key
        order by text_interests.confidence desc, text_interests.polarity, text_interests.span_start, text_interests.span_end,
            text_interests.place nulls last, text_interests.brand nulls last
    ) = 1

),

-- Likes and dislikes are weighed against each other, older texts less.
weighed as (

    select
        said.person_id,
        said.interest_id,
        round(sum(
            said.polarity * said.confidence * weights.weight
            * pow(0.5, date_diff('day', said.observed_at, {{ as_of() }}) / weights.half_life_days)
        ), 6) as balance,
        list(said.place order by said.place) filter (said.place is not null) as places,
        count(*) as evidence_count,
        max(said.observed_at) as last_observed_at,
    from said
    cross join weights
    group by said.person_id, said.interest_id

),

scored as (

    select
        person_id,
        interest_id,
        if(balance < 0, -1, 1) as polarity,
        round(1 - exp(-abs(balance) / {{ var('interest_score_scale') }}), 4) as score,
        coalesce(list_distinct(places), []) as places,
        evidence_count,
        {{ counted('evidence_count', 'post') }} as basis,
        last_observed_at,
    from weighed

)

select * from scored
