{{ config(materialized='view') }}

select * from {{ decisions(ref('int_consent__rulings')) }}
