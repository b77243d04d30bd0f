with nodes as (

    select * from {{ ref('int_identity__nodes') }}

),

links as (

    select * from {{ ref('int_identity__links') }}

),

clusters as (

    select * from {{ ref('int_identity__clusters') }}

),

-- accounts and contact points: what a record names together belongs together
record_clusters as (

    select
        links.record_key,
        any_value(clusters.cluster_id) as cluster_id,
    from links
    inner join clusters on links.node_id = clusters.node_id
    group by links.record_key

),

-- a name joins the one cluster that claims it; claimed by nobody or by several it stands for itself
names as (

    select
        links.node_id,
        count(distinct record_clusters.cluster_id) as claimants,
        if(claimants = 1, min(record_clusters.cluster_id), links.node_id) as cluster_id,
    from links
    left join record_clusters on links.record_key = record_clusters.record_key
    where links.link_kind = 'name'
    group by links.node_id

),

named_clusters as (

    select record_key, cluster_id, from record_clusters
    union all
    select
        links.record_key,
        min(names.cluster_id) as cluster_id,
    from links
    inner join names on links.node_id = names.node_id
    anti join record_clusters on links.record_key = record_clusters.record_key
    group by links.record_key

),

-- a device joins the one cluster that logged in on it, and is nobody by itself
devices as (

    select
        links.node_id,
        count(distinct named_clusters.cluster_id) as claimants,
        if(claimants = 1, min(named_clusters.cluster_id), null) as cluster_id,
    from links
    left join named_clusters on links.record_key = named_clusters.record_key
    where links.link_kind = 'device'
    group by links.node_id

),

clustered as (

    select node_id, cluster_id, 1 as claimants, from clusters
    union all
    select node_id, cluster_id, claimants, from names
    union all
    select node_id, cluster_id, claimants, from devices

),

linked as (

    select
        nodes.node_id,
        nodes.identifier_key,
        nodes.source,
        nodes.link_kind,
        clustered.cluster_id,
        clustered.claimants > 1 as is_shared,
    from nodes
    inner join clustered on nodes.node_id = clustered.node_id

)

select * from linked
