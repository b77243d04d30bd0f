{{ config(materialized='view') }}

{{ mentions_of(ref('int_identity__records')) }}
