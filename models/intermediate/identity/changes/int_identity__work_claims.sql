{{ config(materialized='view') }}

with claims as (

    {{ claims_of(ref('int_identity__work_mentions'), worked('records'), worked('identifiers')) }}

)

select * from claims
