with alike_nodes as (

    select * from {{ ref('int_identity__alike_nodes') }}

),

linked_identifiers as (

    select * from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }}

),

claims as (

    select alike_nodes.record_key, mentions.identifier_number
    from alike_nodes
    inner join {{ ref('int_identity__work_mentions') }} as mentions
        on {{ key_number('alike_nodes.record_key') }} = mentions.record_number

),

former_identifiers as (

    select * from {{ of_work('int_identity__former_identifiers', 'record_key') }}

),

permissions as (

    select {{ key_number('identifier_key') }} as identifier_number
    from {{ of_work('int_consent__permissions', 'identifier_number', own=key_number('identifier_key')) }}
    where
        purpose = {{ likeness_rule('requires_purpose') }}
        and channel is null and recipient is null and controller = {{ own_controller() }} and is_permitted

),

denials as (

    select identifier_key, {{ key_number('identifier_key') }} as identifier_number, from {{ ref('int_consent__denials') }}
    where purpose = {{ likeness_rule('requires_purpose') }}

),

refused_records as (

    select claims.record_key from claims
    inner join denials on claims.identifier_number = denials.identifier_number
    union
    select former_identifiers.record_key from former_identifiers
    inner join denials on former_identifiers.identifier_key = denials.identifier_key

),

refused_clusters as (

    select linked_identifiers.cluster_id from linked_identifiers
    inner join denials on linked_identifiers.identifier_number = denials.identifier_number
    group by linked_identifiers.cluster_id

),

permitting_records as (

    select claims.record_key from claims
    inner join permissions on claims.identifier_number = permissions.identifier_number
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
