-- A build that cannot go on from the one before forgets that one first: broken off, it leaves nothing to go on from.
{{ config(post_hook="delete from {{ source('told', 'ledger') }} where not (select is_continued from {{ this }})") }}

-- looked up, not copied: two rows of a long ledger are asked for
with events as not materialized (

    select
        seq,
        row_hash,
    from {{ ref('stg_consent__events') }}

),

told as (

    select * from {{ source('told', 'ledger') }}

),

-- The ledger is only ever appended to, and the hash of a row stands for all rows before it: what follows the row that was
-- told last is what is new. A refresh, another known_at or another ledger starts from the beginning.
continued as (

    select told.last_seq
    from told
    inner join events
        on told.last_seq = events.seq and told.last_row_hash = events.row_hash
    where
        told.known_at is not distinct from {{ "'" ~ var('known_at') ~ "'" if var('known_at') else 'null' }}
        and not {{ flags.FULL_REFRESH or false }}

),

newest as (

    select
        seq,
        row_hash,
    from events
    where seq = (select max(seq) from events)

),

positioned as (

    select
        coalesce((select max(last_seq) from continued), 0) as told_through,
        (select count(*) > 0 from continued) as is_continued,
        coalesce(max(seq), 0) as last_seq,
        coalesce(max(row_hash), '') as last_row_hash,
    from newest

)

select * from positioned
