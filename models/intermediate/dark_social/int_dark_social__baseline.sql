with visits as (

    select
        source,
        path,
        is_new,
        evidence in ('typed_in', 'deep_direct') as is_direct,
    from {{ ref('int_dark_social__visits') }}
    where not is_typed and evidence in ('known', 'typed_in', 'deep_direct') and channel <> 'internal'

),

-- per page, and for all such pages of a site
counted as (

    select
        source,
        path,
        count(*) filter (not is_new) as returning_landings,
        count(*) filter (not is_new and is_direct) as returning_direct,
        count(*) filter (is_new) as new_landings,
        count(*) filter (is_new and is_direct) as new_direct,
    from visits
    group by grouping sets ((source, path), (source))

),

-- Who had been here before comes without a referrer by history, bookmark and typing, and needs nobody's message for that. So
-- large a share of the new visitors' landings is expected to be the same; it is more than they can type, so what is left above
-- it is private rather too little than too much.
shares as (

    select
        source,
        path,
        returning_landings,
        new_landings,
        new_direct,
        returning_direct / returning_landings as direct_share,
        least(returning_direct / returning_landings / (new_direct / new_landings), 1) as typed_in_share,
    from counted
    where
        returning_landings >= {{ var('dark_social_baseline_landings') }}
        and new_landings >= {{ var('dark_social_baseline_landings') }}
        and new_direct > 0

)

select * from shares
