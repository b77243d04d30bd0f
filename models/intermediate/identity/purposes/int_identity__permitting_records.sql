{{ built_after(['int_identity__rules']) }}
with person_records as (

    select * from {{ of_work('int_identity__person_records') }}

),

person_identifiers as (

    select person_id, identifier_key from {{ of_work('int_identity__person_identifiers', 'person_id') }}
    where not is_blocked and not is_shared

),

permissions as (

    select * from {{ of_work('int_consent__permissions', 'identifier_key') }}
    where channel is null and recipient is null and controller = {{ own_controller() }} and is_permitted

),

-- where every record says yes and every kind of link serves the purpose there is one person for it, and nothing to work out
in_question as (

    select person_id, purpose from {{ ref('int_identity__permitted_uses') }}
    where not is_whole or not is_served

),

people as (

    select person_id, count(*) as records, from person_records
    semi join in_question using (person_id)
    group by person_id
    having count(*) > 1

),

questioned as (

    select in_question.person_id, in_question.purpose
    from in_question
    semi join people on in_question.person_id = people.person_id

),

speaking as (

    select person_id, {{ key_number('identifier_key') }} as identifier_number, identifier_key, from person_identifiers
    semi join people using (person_id)

),

claims as (

    select
        person_records.person_id,
        person_records.record_key,
        person_records.entity,
        mentions.identifier_number,
    from person_records
    semi join people on person_records.person_id = people.person_id
    inner join {{ ref('int_identity__work_mentions') }} as mentions on person_records.record_number = mentions.record_number

),

granted as (

    select questioned.person_id, questioned.purpose, speaking.identifier_number
    from questioned
    inner join speaking on questioned.person_id = speaking.person_id
    semi join permissions
        on speaking.identifier_key = permissions.identifier_key and questioned.purpose = permissions.purpose

),

-- as at the door: who left several contact points on one contact record speaks through any of them for all of these
spoken as (

    select mine.person_id, granted.purpose, mine.identifier_number
    from granted
    inner join claims as theirs
        on granted.identifier_number = theirs.identifier_number and granted.person_id = theirs.person_id
        and theirs.entity = 'contacts'
    inner join claims as mine on theirs.record_key = mine.record_key
    semi join speaking
        on mine.identifier_number = speaking.identifier_number and mine.person_id = speaking.person_id
    union
    select person_id, purpose, identifier_number from granted

),

-- further it does not travel: a record permits what an identifier on it says
permitting as (

    select claims.person_id, spoken.purpose, claims.record_key, any_value(people.records) as person_records,
    from spoken
    inner join claims on spoken.identifier_number = claims.identifier_number and spoken.person_id = claims.person_id
    inner join people on spoken.person_id = people.person_id
    group by claims.person_id, spoken.purpose, claims.record_key

)

select * from permitting
