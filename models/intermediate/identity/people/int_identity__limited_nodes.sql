{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('identifier_number') }}",
) }}
{{ built_after(['int_identity__rules']) }}
with linked_identifiers as (

    select * from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }}

),

wide_clusters as (

    select * from {{ ref('int_identity__wide_clusters') }}
    where cluster_id is not null

),

former_identifiers as (

    select * from {{ of_work('int_identity__former_identifiers', 'record_key') }}

),

record_clusters as (

    select record_number, cluster_id from {{ of_work('int_identity__record_clusters') }}
    where cluster_id is not null

),

identifiers as (

    select identifier_number, requires_purpose, from {{ worked('guards') }}

),

permissions as (

    select {{ key_number('identifier_key') }} as identifier_number, purpose, is_permitted,
    from {{ of_work('int_consent__permissions', 'identifier_number', own=key_number('identifier_key')) }}
    where channel is null and recipient is null and controller = {{ own_controller() }}

),

denials as (

    select {{ key_number('identifier_key') }} as identifier_number from {{ ref('int_consent__denials') }}
    where purpose = 'identity.linking'

),

-- also through what a record of the cluster named once
denied_clusters as (

    select linked_identifiers.cluster_id
    from linked_identifiers
    inner join denials on linked_identifiers.identifier_number = denials.identifier_number
    union
    select record_clusters.cluster_id
    from record_clusters
    inner join former_identifiers on record_clusters.record_number = {{ key_number('former_identifiers.record_key') }}
    inner join denials on {{ key_number('former_identifiers.identifier_key') }} = denials.identifier_number

),

-- one no to linking, in force or known to come, travels over every link, also by likeness
refusing_clusters as (

    select cluster_id from denied_clusters
    union
    select wide_clusters.cluster_id
    from denied_clusters
    inner join wide_clusters as denied_wide on denied_clusters.cluster_id = denied_wide.cluster_id
    inner join wide_clusters on denied_wide.wide_cluster_id = wide_clusters.wide_cluster_id

),

-- what an identifier was permitted for itself; the permissions of a device are those of the cluster that uses it
identifier_permissions as (

    select identifier_number, purpose from permissions
    where is_permitted
    group by all

),

cluster_permissions as (

    select linked_identifiers.cluster_id, identifier_permissions.purpose
    from linked_identifiers
    inner join identifier_permissions on linked_identifiers.identifier_number = identifier_permissions.identifier_number
    group by all

),

judged as (

    select
        linked_identifiers.node_id,
        linked_identifiers.identifier_number,
        linked_identifiers.cluster_id,
        linked_identifiers.link_kind,
        case
            when refusing_clusters.cluster_id is not null and linked_identifiers.link_kind <> 'account' then 'linking_refused'
            when identifiers.requires_purpose is null then null
            when linked_identifiers.link_kind = 'device' and cluster_permissions.purpose is not null then null
            when linked_identifiers.link_kind <> 'device' and identifier_permissions.purpose is not null then null
            else 'linking_not_permitted'
        end as limit_reason,
    from linked_identifiers
    inner join identifiers on linked_identifiers.identifier_number = identifiers.identifier_number
    left join refusing_clusters on linked_identifiers.cluster_id = refusing_clusters.cluster_id
    left join identifier_permissions
        on linked_identifiers.identifier_number = identifier_permissions.identifier_number
        and identifiers.requires_purpose = identifier_permissions.purpose
    left join cluster_permissions
        on linked_identifiers.cluster_id = cluster_permissions.cluster_id
        and identifiers.requires_purpose = cluster_permissions.purpose

)

select * from judged
where limit_reason is not null
