with recursive

shares as (

    select * from {{ ref('int_behaviour__shares') }}

),

share_channels as (

    select * from {{ ref('share_channels') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}
    where may_analyse

),

-- A link counts if whoever passed it on permits analysis, or is nobody known. Whoever came by another one came by a link of
-- which nothing may be said.
usable as (

    select
        shares.share_id,
        shares.parent_share_id,
        person_uses.person_id as sharer_person_id,
        shares.channel,
        shares.page,
        shares.created_at,
    from shares
    left join person_uses on shares.linked_person_id = person_uses.person_id
    where
        person_uses.person_id is not null
        or (shares.linked_person_id is null and shares.identifier_key is null)

),

-- A link passed on hangs under the one it came from; where that is missing, or may not be used, it begins a tree of its own.
-- Nobody in a loop hangs from a root, so the walk never enters one. The depth bounds the work that an attacker can ask for.
tree as (

    select
        usable.share_id,
        usable.share_id as root_share_id,
        0 as depth,
    from usable
    left join usable as parents on usable.parent_share_id = parents.share_id
    where parents.share_id is null

    union all

    select
        usable.share_id,
        tree.root_share_id,
        tree.depth + 1,
    from tree
    inner join usable on tree.share_id = usable.parent_share_id
    where tree.depth < 500

),

placed as (

    select
        usable.share_id,
        if(tree.depth > 0, usable.parent_share_id, null) as parent_share_id,
        coalesce(tree.root_share_id, usable.share_id) as root_share_id,
        coalesce(tree.depth, 0) as depth,
        usable.parent_share_id is not null and coalesce(tree.depth, 0) = 0 as is_orphaned,
        usable.sharer_person_id,
        coalesce(usable.channel, 'unknown') as channel,
        share_channels.is_private,
        usable.page,
        usable.created_at,
    from usable
    left join tree on usable.share_id = tree.share_id
    left join share_channels on usable.channel = share_channels.channel

)

select * from placed
