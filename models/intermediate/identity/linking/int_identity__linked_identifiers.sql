{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('identifier_number') }}",
) }}
with nodes as (

    select * from {{ ref('int_identity__nodes') }}

),

closures as (

    select node_id, closure_id, from {{ ref('int_identity__closures') }}

),

divided as (

    select * from {{ ref('int_identity__clusters') }}

),

-- most groups of records contradict nothing and are what their links make them
clusters as (

    select
        nodes.node_id,
        nodes.identifier_number,
        nodes.link_kind,
        coalesce(divided.cluster_id, closures.closure_id, nodes.node_id) as cluster_id,
    from nodes
    left join divided on nodes.node_id = divided.node_id
    left join closures on nodes.node_id = closures.node_id
    where nodes.link_kind in ('account', 'contact')

),

claimed_links as (

    select links.record_number, links.node_id, nodes.identifier_number, nodes.link_kind from {{ of_work('int_identity__links') }} as links
    inner join nodes on links.node_id = nodes.node_id
    where not links.is_joining

),

-- accounts and contact points: what a record names together belongs together
record_clusters as (

    select
        links.record_number,
        any_value(clusters.cluster_id) as cluster_id,
    from {{ of_work('int_identity__links') }} as links
    semi join claimed_links on links.record_number = claimed_links.record_number
    inner join clusters on links.node_id = clusters.node_id
    where links.is_joining
    group by links.record_number

),

-- a name joins the one cluster that claims it; claimed by nobody or by several it stands for itself
names as (

    select
        claimed_links.node_id,
        any_value(claimed_links.identifier_number) as identifier_number,
        count(distinct record_clusters.cluster_id) as claimants,
        if(claimants = 1, min(record_clusters.cluster_id), claimed_links.node_id) as cluster_id,
    from claimed_links
    left join record_clusters on claimed_links.record_number = record_clusters.record_number
    where claimed_links.link_kind = 'name'
    group by claimed_links.node_id

),

named_clusters as (

    select record_number, cluster_id, from record_clusters
    union all
    select
        claimed_links.record_number,
        min(names.cluster_id) as cluster_id,
    from claimed_links
    inner join names on claimed_links.node_id = names.node_id
    anti join record_clusters on claimed_links.record_number = record_clusters.record_number
    group by claimed_links.record_number

),

-- a device joins the one cluster that logged in on it, and is nobody by itself
devices as (

    select
        claimed_links.node_id,
        any_value(claimed_links.identifier_number) as identifier_number,
        count(distinct named_clusters.cluster_id) as claimants,
        if(claimants = 1, min(named_clusters.cluster_id), null) as cluster_id,
    from claimed_links
    left join named_clusters on claimed_links.record_number = named_clusters.record_number
    where claimed_links.link_kind = 'device'
    group by claimed_links.node_id

),

clustered as (

    select node_id, identifier_number, link_kind, cluster_id, false as is_shared, from clusters
    union all
    select node_id, identifier_number, 'name', cluster_id, claimants > 1, from names
    union all
    select node_id, identifier_number, 'device', cluster_id, claimants > 1, from devices

)

select * from clustered
