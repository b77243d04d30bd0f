{{ config(tags=['after_export']) }}

with

builds as (

    select * from {{ source('ledger', 'export_build_states') }}

),

described as (

    select
        build_id,
        recipient,
        segment,
        state,
        adds,
        removes,
        policy_version,
        as_of,
        requested_at,
        acknowledged_at,
        aborted_at,
    from builds

)

select * from described
