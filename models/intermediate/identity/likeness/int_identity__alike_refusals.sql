with alike_nodes as (

    select * from {{ ref('int_identity__alike_nodes') }}

),

linked_identifiers as (

    select * from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }}

),

claims as (

    select * from {{ ref('int_identity__work_claims') }}

),

former_identifiers as (

    select * from {{ of_work('int_identity__former_identifiers', 'record_key') }}

),

permissions as (

    select * from {{ of_work('int_consent__permissions', 'identifier_key') }}
    where
        purpose = {{ likeness_rule('requires_purpose') }}
        and channel is null and recipient is null and controller = {{ own_controller() }} and is_permitted

),

denials as (

    select * from {{ ref('int_consent__denials') }}
    where purpose = {{ likeness_rule('requires_purpose') }}

),

refused_records as (

    select claims.record_key from claims
    inner join denials on claims.identifier_key = denials.identifier_key
    union
    select former_identifiers.record_key from former_identifiers
    inner join denials on former_identifiers.identifier_key = denials.identifier_key

),

refused_clusters as (

    select linked_identifiers.cluster_id from linked_identifiers
    inner join denials on linked_identifiers.identifier_key = denials.identifier_key
    group by linked_identifiers.cluster_id

),

permitting_records as (

    select claims.record_key from claims
    inner join permissions on claims.identifier_key = permissions.identifier_key
    group by claims.record_key

),

-- a yes counts for the record it is on, a no over every link
judged as (

    select
        alike_nodes.record_key,
        if(permitting_records.record_key is null, 'linking_not_permitted', 'linking_refused') as reason,
    from alike_nodes
    left join permitting_records on alike_nodes.record_key = permitting_records.record_key
    left join refused_records on alike_nodes.record_key = refused_records.record_key
    left join refused_clusters on alike_nodes.cluster_id = refused_clusters.cluster_id
    where
        permitting_records.record_key is null
        or refused_records.record_key is not null
        or refused_clusters.cluster_id is not null

)

select * from judged
