{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
{{ built_after(['int_identity__rules']) }}
with withheld_records as (

    select person_id, purpose, record_key from {{ of_work('int_identity__withheld_records', 'person_id') }}

),

permitted_uses as (

    select person_id, purpose from {{ ref('int_identity__permitted_uses') }}

),

devices as (

    select person_id, identifier_key, identifier_kind, from {{ of_work('int_identity__person_identifiers', 'person_id') }}
    where link_kind = 'device'

),

link_purposes as (

    select link, purpose from {{ ref('link_purposes') }}

),

person_records as (

    select person_id, record_key, record_number, from {{ of_work('int_identity__person_records') }}
    semi join withheld_records using (person_id)

),

mentions as (

    select record_number, identifier_number, entity, from {{ ref('int_identity__work_mentions') }}

),

identifiers as (

    select identifier_number, identifier_key, split_part(identifier_kind, ':', 1) as kind_family, from {{ worked('identifiers') }}

),

-- the records that stand for what is done under an identifier: mail for the mailbox, visits for the browser; else every one
acting as (

    select
        person_records.person_id,
        identifiers.identifier_key,
        person_records.record_key,
    from person_records
    inner join mentions on person_records.record_number = mentions.record_number
    inner join identifiers on mentions.identifier_number = identifiers.identifier_number
    qualify rank() over (
        partition by person_records.person_id, identifiers.identifier_key
        order by mentions.entity <> case identifiers.kind_family
            when 'email' then 'email_events'
            when 'handle' then 'social_profiles'
            when 'cookie' then 'page_views'
            when 'mobile_ad_id' then 'page_views'
            else mentions.entity
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

-- browsers that no link to serves a purpose
unserving as (

    select kinds.identifier_kind, purposes.purpose
    from (select identifier_kind, from devices group by identifier_kind) as kinds
    cross join (select purpose, from permitted_uses group by purpose) as purposes
    anti join link_purposes
        on split_part(kinds.identifier_kind, ':', 1) = link_purposes.link and purposes.purpose = link_purposes.purpose

),

withheld as (

    select named.person_id, named.purpose, named.identifier_key
    from named
    inner join all_named on named.person_id = all_named.person_id and named.identifier_key = all_named.identifier_key
    where named.withheld = all_named.records
    union
    select devices.person_id, unserving.purpose, devices.identifier_key
    from unserving
    inner join devices on unserving.identifier_kind = devices.identifier_kind
    inner join permitted_uses
        on devices.person_id = permitted_uses.person_id and unserving.purpose = permitted_uses.purpose

)

select * from withheld
