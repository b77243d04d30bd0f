{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
with persons as (

    select * from {{ of_work('int_identity__persons', 'person_id') }}

),

person_identifiers as (

    select * from {{ of_work('int_identity__person_identifiers', 'person_id') }}

),

linked_identifiers as (

    select * from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }}

),

identifiers as (

    select identifier_number, identifier_key from {{ worked('numbers') }}

),

wide_clusters as (

    select * from {{ ref('int_identity__wide_clusters') }}
    where cluster_id is not null

),

former_links as (

    select * from {{ ref('int_identity__former_links') }}

),

believed as (

    select person_id, cluster_id from persons
    where cluster_id is not null
    union all
    select persons.person_id, wide_clusters.cluster_id from persons
    inner join wide_clusters on persons.cluster_id = wide_clusters.wide_cluster_id

),

-- what is on the person's own records, what is believed to be the same human without permission to say so, and what the
-- records named once: whoever changes a record gives no permission
linked as (

    select
        person_id,
        identifier_key,
        not is_blocked and not is_shared as may_grant,
    from person_identifiers
    union all
    select
        believed.person_id,
        identifiers.identifier_key,
        false,
    from believed
    inner join linked_identifiers on believed.cluster_id = linked_identifiers.cluster_id
    inner join identifiers on linked_identifiers.identifier_number = identifiers.identifier_number
    union all
    select person_id, identifier_key, false, from former_links

),

-- a yes counts for whom it certainly is, a no for everybody it may be
merged as (

    select
        person_id,
        identifier_key,
        bool_or(may_grant) as may_grant,
    from linked
    group by person_id, identifier_key

)

select * from merged
