{{ config(materialized='view') }}

with records as (

    select * from {{ ref('int_identity__records') }}

),

mentions as (

    select record_number, identifier_number from {{ ref('int_identity__mentions') }}

),

identifiers as (

    select * from {{ ref('int_identity__identifiers') }}

),

claims as (

    select
        records.record_key,
        records.entity,
        records.source,
        identifiers.identifier_key,
        identifiers.identifier_kind,
        split_part(identifiers.identifier_kind, ':', 1) as kind_family,
        records.identifier_set,
        records.name_number,
        records.birth_date,
        records.first_seen_at,
        records.record_number,
        identifiers.identifier_number,
    from mentions
    inner join records on mentions.record_number = records.record_number
    inner join identifiers on mentions.identifier_number = identifiers.identifier_number

)

select * from claims
