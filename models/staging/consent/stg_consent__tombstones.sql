with tombstones as (

    select * from {{ source('ledger', 'tombstones') }}

),

known as (

    select
        identifier_key,
        request_id,
        reason,
        erased_at,
    from tombstones
    where erased_at <= {{ known_at() }}

)

select * from known
