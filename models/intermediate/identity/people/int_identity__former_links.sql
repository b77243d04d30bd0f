{%- set former -%}
    select
        persons.person_id,
        persons.cluster_id,
        points.identifier_key,
        {{ key_number('points.identifier_key') }} as identifier_number,
        count(distinct persons.cluster_id) over (partition by points.identifier_key) as owners,
    from {{ of_work('int_identity__former_identifiers', 'record_key') }} as points
    inner join {{ of_work('int_identity__person_records') }} as person_records on points.record_key = person_records.record_key
    inner join {{ of_work('int_identity__persons', 'person_id') }} as persons on person_records.person_id = persons.person_id
{%- endset -%}
{%- set now -%}
    select
        linked_identifiers.identifier_number,
        linked_identifiers.is_shared,
        coalesce(wide_clusters.wide_cluster_id, linked_identifiers.cluster_id) as cluster_id,
    from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }} as linked_identifiers
    left join (
        select cluster_id, min(wide_cluster_id) as wide_cluster_id, from {{ ref('int_identity__wide_clusters') }}
        group by cluster_id
    ) as wide_clusters on linked_identifiers.cluster_id = wide_clusters.cluster_id
    where linked_identifiers.cluster_id is not null
{%- endset -%}
{#- Who was named by a record and who is named by it now are one human for a no; what several had says that of nobody. -#}
{%- set edges -%}
    select former.cluster_id as a, currently.cluster_id as b
    from ({{ former }}) as former
    inner join ({{ now }}) as currently on former.identifier_number = currently.identifier_number
    where former.owners = 1 and not currently.is_shared
    qualify count(*) over (partition by former.identifier_number) = 1
{%- endset -%}

with former as (

    {{ former }}

),

currently as (

    {{ now }}

),

identifiers as (

    select identifier_number, identifier_key from {{ worked('numbers') }}

),

persons as (

    select * from {{ of_work('int_identity__persons', 'person_id') }}

),

components as (

    {{ connected_components(edges, 'identity_former') }}

),

joined as (

    select own.node_id as cluster_id, theirs.node_id as joined_cluster_id,
    from components as own
    inner join components as theirs on own.component_id = theirs.component_id

),

linked as (

    select person_id, identifier_key, from former
    union
    select persons.person_id, identifiers.identifier_key,
    from joined
    inner join persons on joined.cluster_id = persons.cluster_id
    inner join currently on joined.joined_cluster_id = currently.cluster_id
    inner join identifiers on currently.identifier_number = identifiers.identifier_number
    union
    select persons.person_id, former.identifier_key,
    from joined
    inner join persons on joined.cluster_id = persons.cluster_id
    inner join former on joined.joined_cluster_id = former.cluster_id

)

select * from linked
