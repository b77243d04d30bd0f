{{ config(materialized='view') }}

{{ mentions_of(worked('records')) }}
