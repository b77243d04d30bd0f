with entries as (

    select * from {{ ref('stg_consent__suppressions') }}
    where identifier_key is not null

),

lists as (

    select
        list_id,
        channel,
        is_full_copy,
    from {{ ref('suppression_lists') }}

),

-- of a list that is delivered as a full copy an entry holds until the next copy, of any other for good
copies as (

    select
        list_id,
        snapshot_at,
        lead(snapshot_at) over (partition by list_id order by snapshot_at) as replaced_at,
    from {{ ref('stg_consent__suppressions') }}
    group by list_id, snapshot_at

),

listed as (

    select
        entries.list_id,
        entries.identifier_key,
        coalesce(entries.channel, lists.channel) as channel,
        coalesce(entries.valid_from, entries.snapshot_at) as begins_at,
        least(
            coalesce(entries.valid_to, {{ end_of_time() }}),
            case when lists.is_full_copy then coalesce(copies.replaced_at, {{ end_of_time() }}) else {{ end_of_time() }} end
        ) as ends_at,
        min(entries.loaded_at) as known_from,
    from entries
    inner join copies
        on entries.list_id = copies.list_id and entries.snapshot_at = copies.snapshot_at
    left join lists
        on entries.list_id = lists.list_id
    group by all

)

select * from listed
where begins_at < ends_at
