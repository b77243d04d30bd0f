{{ config(materialized='view') }}

with rules as (

    select * from {{ explained_rules(ref('int_consent__permissions'), as_of(), latest_known(), is_complete=false) }}

)

select * from rules
