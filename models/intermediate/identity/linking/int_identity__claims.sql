{{ config(materialized='view') }}

with claims as (

    {{ claims_of(ref('int_identity__mentions'), ref('int_identity__records'), ref('int_identity__identifiers')) }}

)

select * from claims
