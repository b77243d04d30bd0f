with limited_nodes as (

    select * from {{ of_work('int_identity__limited_nodes', 'identifier_number') }}
    where link_kind <> 'device'

),

record_clusters as (

    select * from {{ of_work('int_identity__record_clusters') }}

),

linked_identifiers as (

    select * from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }}
    where link_kind <> 'device'

),

records as (

    select record_number, source from {{ worked('records') }}

),

links as (

    select * from {{ of_work('int_identity__links') }}

),

-- every link of a cluster in which consent limits one: where it does, the node is another node in each source
limited as (

    select
        record_clusters.record_number,
        links.node_id,
        if(limited_nodes.node_id is null, null, records.source) as source,
    from record_clusters
    inner join records on record_clusters.record_number = records.record_number
    inner join links on record_clusters.record_number = links.record_number
    inner join linked_identifiers
        on links.node_id = linked_identifiers.node_id
        and record_clusters.cluster_id = linked_identifiers.cluster_id
    left join limited_nodes on links.node_id = limited_nodes.node_id
    where record_clusters.cluster_id in (select cluster_id from limited_nodes)

),

numbered as (

    select
        record_number,
        {{ part_number(['node_id', 'source']) }} as limited_node_id,
    from limited

)

select * from numbered
