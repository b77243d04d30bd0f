{{ config(materialized='view') }}

select * from {{ boundaries(ref('int_consent__versions'), ref('int_consent__acts'), ref('int_consent__facts')) }}
