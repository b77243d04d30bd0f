-- depends_on: {{ ref('int_consent__contact_digest') }}
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_other_contacts() }}") }}

with delivered as (

    select * from {{ source('raw', 'contacts') }}
    where {{ unless_the_same() }}

),

-- as stg_crm__contacts, but looked for among what is read here: nothing while the table stands
newest as (

    select * from {{ newest_contacts('delivered', as_of()) }}

),

contact_digest as (

    select digest from {{ ref('int_consent__contact_digest') }}

),

kept as (

    select
        email_key,
        phone_key,
        crm_key,
        nickname_key,
        country,
        birth_date,
        loaded_at,
        (select digest from contact_digest) as contact_digest,
    from newest
    where country is not null or birth_date is not null

)

select * from kept
