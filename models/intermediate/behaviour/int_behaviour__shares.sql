with recursive

shares as (

    select
        *,
        {{ record_key('shares', ['share_id']) }} as record_key,
    from {{ ref('stg_web__shares') }}

),

person_records as (

    select record_key, person_id from {{ ref('int_identity__person_records') }}
    where entity = 'shares'

),

-- A link passed on becomes the parent of the next; a parent that nobody delivered, or a loop, makes a root.
-- Nobody in a loop hangs from a root, so the walk never enters one; the depth only bounds the work.
tree as (

    select
        shares.share_id,
        shares.share_id as root_share_id,
        0 as depth,
    from shares
    left join shares as parents on shares.parent_share_id = parents.share_id
    where parents.share_id is null

    union all

    select
        shares.share_id,
        tree.root_share_id,
        tree.depth + 1,
    from tree
    inner join shares on tree.share_id = shares.parent_share_id
    where tree.depth < 50

),

placed as (

    select
        shares.share_id,
        person_records.person_id as linked_person_id,
        shares.identifier_key,
        shares.parent_share_id,
        coalesce(tree.root_share_id, shares.share_id) as root_share_id,
        coalesce(tree.depth, 0) as depth,
        lower(shares.channel) as channel,
        {{ url_path('shares.url') }} as page,
        shares.created_at,
    from shares
    left join tree on shares.share_id = tree.share_id
    left join person_records on shares.record_key = person_records.record_key

)

select * from placed
