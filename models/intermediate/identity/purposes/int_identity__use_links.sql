{{ built_after(['int_identity__rules']) }}
with doubtful_uses as (

    select person_id from {{ ref('int_identity__doubtful_uses') }}
    group by person_id

),

person_records as (

    select person_records.* from {{ of_work('int_identity__person_records') }} as person_records
    semi join doubtful_uses on person_records.person_id = doubtful_uses.person_id

),

links as (

    select * from {{ of_work('int_identity__links') }}

),

linked_identifiers as (

    select * from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }}
    where link_kind <> 'device'

),

record_clusters as (

    select record_number, cluster_id from {{ of_work('int_identity__record_clusters') }}

),

limited_nodes as (

    select node_id from {{ of_work('int_identity__limited_nodes', 'identifier_number') }}

),

identifiers as (

    select identifier_number, split_part(identifier_kind, ':', 1) as link from {{ worked('guards') }}

),

decisions as (

    select record_a, record_b, pair_key from {{ of_work('int_identity__alike_decisions', 'record_key', own='record_a') }}
    where decision in ('automatic', 'accepted')

),

pair_records as (

    select pair_key, record_a as record_key from decisions
    union all
    select pair_key, record_b from decisions

),

-- what made these people of their records: as far as consent lets it, and of records of one cluster only
identified as (

    select
        person_records.person_id,
        person_records.record_key,
        linked_identifiers.link_kind,
        identifiers.link,
        concat_ws(' ', links.node_id, if(limited_nodes.node_id is null, null, person_records.source)) as link_key,
    from person_records
    inner join record_clusters on person_records.record_number = record_clusters.record_number
    inner join links on person_records.record_number = links.record_number
    inner join linked_identifiers
        on links.node_id = linked_identifiers.node_id and record_clusters.cluster_id = linked_identifiers.cluster_id
    inner join identifiers on linked_identifiers.identifier_number = identifiers.identifier_number
    left join limited_nodes on links.node_id = limited_nodes.node_id

),

alike as (

    select
        person_records.person_id,
        person_records.record_key,
        'likeness' as link_kind,
        'likeness' as link,
        'pair ' || pair_records.pair_key as link_key,
    from person_records
    inner join pair_records on person_records.record_key = pair_records.record_key

),

unioned as (

    select * from identified
    union all
    select * from alike

)

select * from unioned
