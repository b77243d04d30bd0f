with entries as (

    select * from {{ ref('stg_consent__suppressions') }}

),

lists as (

    select
        list_id,
        channel,
        is_full_copy,
    from {{ ref('suppression_lists') }}

),

dead_mailboxes as (

    select * from {{ ref('int_consent__dead_mailboxes') }}

),

copies as (

    select
        list_id,
        snapshot_at,
        min(loaded_at) as copied_at,
    from entries
    group by list_id, snapshot_at

),

successions as (

    select
        list_id,
        snapshot_at,
        lead(snapshot_at) over newest_last as replaced_at,
        lead(copied_at) over newest_last as replacement_known_from,
    from copies
    window newest_last as (partition by list_id order by snapshot_at)

),

listed as (

    select
        entries.list_id,
        entries.identifier_key,
        coalesce(entries.channel, lists.channel) as channel,
        coalesce(entries.valid_from, entries.snapshot_at) as begins_at,
        coalesce(entries.valid_to, {{ end_of_time() }}) as ends_at,
        case when lists.is_full_copy then successions.replaced_at end as replaced_at,
        greatest(min(entries.loaded_at), successions.replacement_known_from) as replacement_known_from,
        min(entries.loaded_at) as known_from,
    from entries
    inner join successions
        on entries.list_id = successions.list_id and entries.snapshot_at = successions.snapshot_at
    left join lists
        on entries.list_id = lists.list_id
    where entries.identifier_key is not null
    group by
        entries.list_id, entries.identifier_key, entries.channel, lists.channel, entries.valid_from, entries.snapshot_at,
        entries.valid_to, lists.is_full_copy, successions.replaced_at, successions.replacement_known_from

),

-- of a list that is delivered as a full copy an entry ends with the next copy, once that is known; of any other never
dated as (

    select
        list_id,
        identifier_key,
        channel,
        begins_at,
        ends_at,
        known_from,
        case when replaced_at is null then {{ end_of_time() }} else replacement_known_from end as known_to,
    from listed

    union all

    select
        list_id,
        identifier_key,
        channel,
        begins_at,
        least(ends_at, replaced_at),
        replacement_known_from,
        {{ end_of_time() }},
    from listed
    where replaced_at is not null

    union all

    select * from dead_mailboxes

)

select * from dated
where begins_at < ends_at and known_from < known_to
