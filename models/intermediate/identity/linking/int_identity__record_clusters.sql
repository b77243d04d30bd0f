with claims as (

    select * from {{ ref('int_identity__claims') }}

),

links as (

    select * from {{ ref('int_identity__links') }}
    where link_kind <> 'device'

),

linked_identifiers as (

    select * from {{ ref('int_identity__linked_identifiers') }}

),

records as (

    select
        record_key,
        any_value(entity) as entity,
        any_value(source) as source,
        min(first_seen_at) as first_seen_at,
    from claims
    group by record_key

),

-- a name counts only where the record has no account and no contact point
clustered as (

    select
        links.record_key,
        coalesce(
            min(linked_identifiers.cluster_id) filter (links.link_kind <> 'name'),
            min(linked_identifiers.cluster_id)
        ) as cluster_id,
    from links
    inner join linked_identifiers on links.node_id = linked_identifiers.node_id
    group by links.record_key

),

-- A contact whose identifiers link nothing is still somebody; an order by info@ or a visit without a login is nobody known.
placed as (

    select
        records.record_key,
        records.entity,
        records.source,
        clustered.cluster_id,
        records.first_seen_at,
    from records
    left join clustered on records.record_key = clustered.record_key
    where clustered.cluster_id is not null or records.entity = 'contacts'

)

select * from placed
