{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work() }}",
) }}
with records as (

    select * from {{ worked('records') }}

),

links as (

    select * from {{ of_work('int_identity__links') }}

),

linked_identifiers as (

    select * from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }}
    where link_kind <> 'device'

),

-- a name counts only where the record has no account and no contact point
clustered as (

    select
        links.record_number,
        coalesce(
            min(linked_identifiers.cluster_id) filter (linked_identifiers.link_kind <> 'name'),
            min(linked_identifiers.cluster_id)
        ) as cluster_id,
    from links
    inner join linked_identifiers on links.node_id = linked_identifiers.node_id
    group by links.record_number

),

-- A contact whose identifiers link nothing is still somebody; an order by info@ or a visit without a login is nobody known.
placed as (

    select
        records.record_number,
        clustered.cluster_id,
        records.first_seen_at,
    from records
    left join clustered on records.record_number = clustered.record_number
    where clustered.cluster_id is not null or records.entity = 'contacts'

)

select * from placed
