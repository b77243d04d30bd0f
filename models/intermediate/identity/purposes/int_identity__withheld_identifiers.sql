with withheld_records as (

    select person_id, purpose, record_key from {{ ref('int_identity__withheld_records') }}

),

permitting_records as (

    select person_id, purpose from {{ ref('int_identity__permitting_records') }}
    group by person_id, purpose

),

devices as (

    select person_id, identifier_key, split_part(identifier_kind, ':', 1) as link
    from {{ ref('int_identity__person_identifiers') }}
    where link_kind = 'device'

),

link_purposes as (

    select link, purpose from {{ ref('link_purposes') }}

),

claims as (

    select record_key, entity, identifier_key, kind_family from {{ ref('int_identity__claims') }}

),

person_records as (

    select person_id, record_key from {{ ref('int_identity__person_records') }}

),

-- the records that stand for what is done under an identifier: mail for the mailbox, visits for the browser; else every one
acting as (

    select
        person_records.person_id,
        claims.identifier_key,
        claims.record_key,
    from claims
    inner join person_records on claims.record_key = person_records.record_key
    semi join withheld_records on person_records.person_id = withheld_records.person_id
    qualify rank() over (
        partition by person_records.person_id, claims.identifier_key
        order by claims.entity <> case claims.kind_family
            when 'email' then 'email_events'
            when 'handle' then 'social_profiles'
            when 'cookie' then 'page_views'
            when 'mobile_ad_id' then 'page_views'
            else claims.entity
        end
    ) = 1

),

-- what is done under an identifier may be used if one of them may
named as (

    select
        acting.person_id,
        withheld_records.purpose,
        acting.identifier_key,
        count(*) as withheld,
    from withheld_records
    inner join acting
        on withheld_records.record_key = acting.record_key and withheld_records.person_id = acting.person_id
    group by all

),

all_named as (

    select person_id, identifier_key, count(*) as records, from acting
    group by all

),

withheld as (

    select named.person_id, named.purpose, named.identifier_key
    from named
    inner join all_named on named.person_id = all_named.person_id and named.identifier_key = all_named.identifier_key
    where named.withheld = all_named.records
    union
    select devices.person_id, permitting_records.purpose, devices.identifier_key
    from devices
    inner join permitting_records on devices.person_id = permitting_records.person_id
    anti join link_purposes
        on devices.link = link_purposes.link and permitting_records.purpose = link_purposes.purpose

)

select * from withheld
