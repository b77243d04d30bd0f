{{ config(materialized='view') }}

select * from {{ decisions(rulings(ref('int_consent__winners'))) }}
