with pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

rules as (

    select * from {{ ref('typed_pages') }}

),

short as (

    select max(cast(value as integer)) as characters from rules
    where rule = 'short_path'

),

paths as (

    select
        page_id,
        host,
        page_type,
        coalesce(nullif(rtrim(path, '/'), ''), '/') as path,
        coalesce(lower(utm_medium), lower(utm_source), click_id_kind) as tagged_channel,
        lower(utm_medium) as utm_medium,
        lower(utm_source) as utm_source,
        utm_campaign,
    from pages

),

channels as (

    select channel from {{ ref('share_channels') }}
    where tags_visits

),

-- what can be typed: kinds of page, single addresses, and one short part alone; the home page has an empty one
described as (

    select
        paths.page_id,
        paths.host,
        paths.path,
        paths.utm_campaign,
        paths.tagged_channel,
        coalesce(by_medium.channel, by_source.channel) as private_channel,
        by_type.value is not null
        or by_path.value is not null
        or coalesce(length(paths.path) <= short.characters + 1 and not contains(paths.path[2:], '/'), false) as is_typed,
    from paths
    cross join short
    left join rules as by_type on by_type.rule = 'page_type' and paths.page_type = by_type.value
    left join rules as by_path on by_path.rule = 'path' and paths.path = by_path.value
    left join channels as by_medium on paths.utm_medium = by_medium.channel
    left join channels as by_source on paths.utm_source = by_source.channel

)

select * from described
