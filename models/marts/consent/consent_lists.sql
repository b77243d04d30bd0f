with

lists as (

    select * from {{ ref('suppression_lists') }}

),

list_deliveries as (

    select * from {{ ref('int_consent__list_deliveries') }}
    where known_from <= {{ latest_known() }} and delivered_at <= {{ as_of() }}

),

suppressions as (

    select * from {{ ref('int_consent__suppressions') }}
    where
        begins_at <= {{ as_of() }} and {{ as_of() }} < ends_at
        and known_from <= {{ latest_known() }} and {{ latest_known() }} < known_to

),

identifiers as (

    select identifier_key, from {{ ref('int_identity__person_identifiers') }}
    group by identifier_key

),

-- a required list has a delivery at the beginning of time, so that it is too old before the first
delivered as (

    select
        list_id,
        channel,
        country,
        max(maximum_age_days) as maximum_age_days,
        nullif(max(delivered_at), {{ beginning_of_time() }}) as last_delivered_at,
        count(distinct delivered_at) filter ({{ beginning_of_time() }} < delivered_at) as deliveries,
        max(delivered_at) + to_days(max(maximum_age_days)) as stale_from,
    from list_deliveries
    group by list_id, channel, country

),

-- declared lists that never came stand here too
declared as (

    select
        delivered.*,
        lists.title,
        lists.list_id is not null as is_declared,
        coalesce(lists.is_full_copy, false) as is_full_copy,
        coalesce(lists.is_required, false) as is_required,
    from delivered
    left join lists
        on delivered.list_id = lists.list_id
        and delivered.channel is not distinct from lists.channel
        and delivered.country is not distinct from lists.country

    union all by name

    select
        lists.list_id,
        lists.channel,
        lists.country,
        lists.maximum_age_days,
        cast(0 as bigint) as deliveries,
        lists.title,
        true as is_declared,
        lists.is_full_copy,
        lists.is_required,
    from lists
    anti join delivered on lists.list_id = delivered.list_id
    where lists.list_id <> '*'

),

entries as (

    select
        suppressions.list_id,
        coalesce(suppressions.channel, '') as channel,
        count(distinct suppressions.identifier_key) as entries,
        count(distinct identifiers.identifier_key) as entries_of_people,
    from suppressions
    left join identifiers on suppressions.identifier_key = identifiers.identifier_key
    group by suppressions.list_id, coalesce(suppressions.channel, '')

),

listed as (

    select
        declared.list_id,
        declared.title,
        declared.channel,
        declared.country,
        declared.is_declared,
        declared.is_full_copy,
        declared.is_required,
        cast(declared.maximum_age_days as integer) as maximum_age_days,
        declared.deliveries,
        date_diff('day', declared.last_delivered_at, {{ as_of() }}) as age_days,
        coalesce(declared.stale_from <= {{ as_of() }}, false) as is_stale,
        case when declared.stale_from <= {{ as_of() }} and declared.deliveries > 0 then declared.stale_from end as stale_since,
        coalesce(entries.entries, 0) as entries,
        coalesce(entries.entries_of_people, 0) as entries_of_people,
        declared.last_delivered_at,
        case when declared.deliveries > 0 then declared.stale_from end as next_due_at,
    from declared
    left join entries
        on declared.list_id = entries.list_id and coalesce(declared.channel, '') = entries.channel

)

select * from listed
order by list_id, channel nulls first, country nulls first
