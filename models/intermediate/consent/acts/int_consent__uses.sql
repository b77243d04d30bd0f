{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_changed('identifier_number') }}") }}

with proofs as (

    select * from {{ ref('int_consent__proofs_of_use') }}
    where {{ only_changed('identifier_number') }}

),

spells as (

    select * from {{ spells_of_use('proofs') }}

)

select * from spells
