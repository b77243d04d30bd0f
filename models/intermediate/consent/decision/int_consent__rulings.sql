{{ config(materialized='view') }}

select * from {{ rulings(ref('int_consent__winners')) }}
