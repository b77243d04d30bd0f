with entries as (

    select * from {{ ref('stg_consent__suppressions') }}

),

lists as (

    select * from {{ ref('suppression_lists') }}

),

deliveries as (

    select
        list_id,
        snapshot_at as delivered_at,
        min(loaded_at) as known_from,
    from entries
    group by list_id, snapshot_at

),

-- which channels and countries a list closes: as declared, else as its entries say
scopes as (

    select
        list_id,
        channel,
        country,
        maximum_age_days,
    from lists
    where list_id <> '*'

    union

    select
        entries.list_id,
        entries.channel,
        entries.country,
        lists.maximum_age_days,
    from entries
    inner join lists
        on lists.list_id = '*'
    where entries.list_id not in (select list_id from lists)

),

dated as (

    select
        scopes.*,
        deliveries.delivered_at,
        deliveries.known_from,
    from scopes
    inner join deliveries
        on scopes.list_id = deliveries.list_id

    union all

    -- a list that must be there is too old until it is delivered
    select
        list_id,
        channel,
        country,
        maximum_age_days,
        {{ beginning_of_time() }},
        {{ beginning_of_time() }},
    from lists
    where is_required

)

select * from dated
