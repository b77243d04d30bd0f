with suppressions as (

    select * from {{ source('raw', 'suppressions') }}

),

entries as (

    select
        list_id,
        identifier_kind,
        identifier_key,
        nullif(channel, 'any') as channel,
        country,
        valid_from,
        valid_to,
        snapshot_at,
        loaded_at,
    from suppressions
    where loaded_at <= {{ known_at() }}

)

select * from entries
