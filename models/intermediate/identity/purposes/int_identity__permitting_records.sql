with permissions as (

    select * from {{ ref('int_consent__permissions') }}
    where channel is null and recipient is null and controller = {{ own_controller() }} and is_permitted

),

purposes as (

    select purpose from {{ ref('purposes') }}
    where kind = 'use' and not is_permitted_by_contract

),

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}
    where not is_blocked and not is_shared

),

claims as (

    select
        person_records.person_id,
        claims.record_key,
        claims.entity,
        claims.identifier_key,
    from {{ ref('int_identity__claims') }} as claims
    inner join {{ ref('int_identity__person_records') }} as person_records on claims.record_key = person_records.record_key

),

granted as (

    select person_identifiers.person_id, permissions.purpose, person_identifiers.identifier_key
    from permissions
    inner join purposes on permissions.purpose = purposes.purpose
    inner join person_identifiers on permissions.identifier_key = person_identifiers.identifier_key
    group by all

),

-- as at the door: who left several contact points on one contact record speaks through any of them for all of these
spoken as (

    select mine.person_id, granted.purpose, mine.identifier_key
    from granted
    inner join claims as theirs
        on granted.identifier_key = theirs.identifier_key and granted.person_id = theirs.person_id
        and theirs.entity = 'contacts'
    inner join claims as mine on theirs.record_key = mine.record_key
    semi join person_identifiers
        on mine.identifier_key = person_identifiers.identifier_key and mine.person_id = person_identifiers.person_id
    union
    select person_id, purpose, identifier_key from granted

),

-- further it does not travel: a record permits what an identifier on it says
permitting as (

    select claims.person_id, spoken.purpose, claims.record_key
    from spoken
    inner join claims on spoken.identifier_key = claims.identifier_key and spoken.person_id = claims.person_id
    group by all

)

select * from permitting
