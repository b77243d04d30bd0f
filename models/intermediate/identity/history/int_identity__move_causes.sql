{{ config(materialized='view') }}

with moves as (

    select * from {{ ref('int_identity__record_moves') }}
    where kind <> 'created'

),

person_records as (

    select person_id, record_key, record_number from {{ of_work('int_identity__person_records') }}
    where person_id in (select unnest([former_person_id, person_id]) from moves)

),

identifiers as (

    select identifier_number, identifier_kind, priority from {{ ref('int_identity__guarded_identifiers') }}

),

decisions as (

    select pair_key, record_a, record_b, decision, reason from {{ ref('int_identity__alike_decisions') }}

),

contradicting as (

    select record_number from {{ ref('int_identity__kept_links') }}
    group by record_number

),

-- a record that moved, and each that it came to (joined, merged) or came from (split, detached)
faced as (

    select
        moves.*,
        moves.kind in ('joined', 'merged') as is_coming,
        {{ key_number('moves.record_key') }} as record_number,
        others.record_key as other_record_key,
        others.record_number as other_record_number,
    from moves
    inner join person_records as others
        on others.person_id = if(moves.kind in ('joined', 'merged'), moves.person_id, moves.former_person_id)
    anti join moves as along
        on others.record_key = along.record_key
        and moves.former_person_id is not distinct from along.former_person_id
        and moves.person_id is not distinct from along.person_id

),

sides as (

    select record_number from faced
    union
    select other_record_number from faced

),

record_clusters as (

    select record_number, cluster_id from {{ of_work('int_identity__record_clusters') }}
    where record_number in (select record_number from sides)

),

links as (

    select record_number, node_id from {{ of_work('int_identity__links') }}
    where record_number in (select record_number from sides)

),

nodes as (

    select node_id, identifier_number from {{ ref('int_identity__nodes') }}
    where node_id in (select node_id from links)

),

linked as (

    select
        faced.former_person_id,
        faced.person_id,
        arg_min(split_part(identifiers.identifier_kind, ':', 1), (identifiers.priority, identifiers.identifier_kind)) as link_kind,
    from faced
    inner join links on faced.record_number = links.record_number
    inner join links as other_links
        on faced.other_record_number = other_links.record_number and links.node_id = other_links.node_id
    inner join nodes on links.node_id = nodes.node_id
    inner join identifiers on nodes.identifier_number = identifiers.identifier_number
    where faced.is_coming
    group by faced.former_person_id, faced.person_id

),

compared as (

    select
        faced.former_person_id,
        faced.person_id,
        arg_min({'decision': decisions.decision, 'reason': decisions.reason, 'pair_key': decisions.pair_key},
            (decisions.decision, decisions.pair_key)) filter (decisions.decision in ('accepted', 'automatic')) as link,
        arg_min({'decision': decisions.decision, 'reason': decisions.reason, 'pair_key': decisions.pair_key},
            (decisions.decision, decisions.pair_key)) filter (decisions.decision in ('rejected', 'refused')) as cut,
    from faced
    inner join decisions
        on least(faced.record_key, faced.other_record_key) = decisions.record_a
        and greatest(faced.record_key, faced.other_record_key) = decisions.record_b
    group by faced.former_person_id, faced.person_id

),

-- how the records around the move stand to each other now
stood as (

    select
        faced.former_person_id,
        faced.person_id,
        min(faced.limit_reason) filter (own.cluster_id = other.cluster_id) as limit_reason,
        bool_or(faced.former_limit_reason is not null and faced.limit_reason is null) as was_limited,
        bool_or(contradicting.record_number is not null) as contradicts,
    from faced
    left join record_clusters as own on faced.record_number = own.record_number
    left join record_clusters as other on faced.other_record_number = other.record_number
    left join contradicting on faced.record_number = contradicting.record_number
    group by faced.former_person_id, faced.person_id

),

grouped as (

    select
        stood.former_person_id,
        stood.person_id,
        stood.limit_reason,
        coalesce(stood.was_limited, false) as was_limited,
        coalesce(stood.contradicts, false) as contradicts,
        linked.link_kind,
        compared.link.decision as link_decision,
        compared.link.pair_key as link_pair_key,
        compared.cut.decision as cut_decision,
        compared.cut.reason as cut_reason,
        compared.cut.pair_key as cut_pair_key,
    from stood
    left join linked
        on stood.person_id = linked.person_id and stood.former_person_id is not distinct from linked.former_person_id
    left join compared
        on stood.person_id = compared.person_id and stood.former_person_id is not distinct from compared.former_person_id

)

select * from grouped
