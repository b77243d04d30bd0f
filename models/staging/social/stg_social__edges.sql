with edges as (

    select * from {{ source('raw', 'social_edges') }}

),

newest as (

    select
        source,
        platform,
        from_handle_key,
        to_handle_key,
        kind,
        min(observed_at) over (
            partition by source, platform, from_handle_key, to_handle_key, kind
        ) as first_observed_at,
        observed_at,
        loaded_at,
    from edges
    where observed_at <= {{ as_of() }}
    qualify row_number() over (
        partition by source, platform, from_handle_key, to_handle_key, kind
        order by {{ newest_version_first('observed_at') }}
    ) = 1

)

select * from newest
