with notices as (

    select * from {{ ref('stg_consent__notices') }}

),

digested as (

    select
        notice_id,
        sum(hash(notices)) as digest,
    from notices
    group by notice_id

)

select * from digested
