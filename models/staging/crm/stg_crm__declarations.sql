with declared_interests as (

    select * from {{ source('raw', 'declared_interests') }}
    where declared_at <= {{ as_of() }}

),

first_told as (

    select
        source,
        identifier_kind,
        identifier_key,
        min(declared_at) as first_seen_at,
    from declared_interests
    group by source, identifier_kind, identifier_key

)

select * from first_told
