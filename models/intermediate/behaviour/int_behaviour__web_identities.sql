{{ config(tags=['web_days']) }}
with

identifier_persons as (

    select
        hash(identifier_key) as identifier_id,
        identifier_kind,
        person_id,
    from {{ ref('int_behaviour__identifier_persons') }}

),

logins as (

    select login_id from {{ ref('int_behaviour__clicks') }}
    where login_id is not null
    group by login_id

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}

),

-- of whoever may not be known by it here
withheld_identifiers as (

    select
        hash(identifier_key) as identifier_id,
        person_id,
    from {{ ref('int_identity__withheld_identifiers') }}
    where purpose in ('analytics.behaviour', 'identity.linking')

),

-- browsers, and what somebody logged in with
asked as (

    select * from identifier_persons
    anti join withheld_identifiers
        on identifier_persons.identifier_id = withheld_identifiers.identifier_id
        and identifier_persons.person_id = withheld_identifiers.person_id
    where identifier_kind = 'cookie' or identifier_id in (select login_id from logins)

),

-- Whoever is not told as anybody's may be tomorrow: what is permitted is part of it, reasons as well.
judged as (

    select
        asked.identifier_id,
        asked.person_id as linked_person_id,
        hash(
            asked.person_id, person_uses.may_analyse, person_uses.may_link,
            person_uses.analysis_reason, person_uses.linking_reason
        ) as digest,
    from asked
    left join person_uses on asked.person_id = person_uses.person_id

)

select * from judged
