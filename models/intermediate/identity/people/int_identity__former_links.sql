{#- What records named once is little beside what they name: everything else is asked only of its people and identifiers. -#}
{%- set points -%}
    select
        {{ key_number('record_key') }} as record_number,
        identifier_key,
        {{ key_number('identifier_key') }} as identifier_number,
    from {{ of_work('int_identity__former_identifiers', 'record_key') }}
{%- endset -%}
{%- set former -%}
    select
        persons.person_id,
        persons.cluster_id,
        points.identifier_key,
        points.identifier_number,
        count(distinct persons.cluster_id) over (partition by points.identifier_number) as owners,
    from ({{ points }}) as points
    inner join {{ ref('int_identity__person_records') }} as person_records on points.record_number = person_records.record_number
    inner join {{ ref('int_identity__persons') }} as persons on person_records.person_id = persons.person_id
{%- endset -%}
{%- set wide -%}
    select cluster_id, min(wide_cluster_id) as wide_cluster_id, from {{ ref('int_identity__wide_clusters') }}
    group by cluster_id
{%- endset -%}
{#- Who was named by a record and who is named by it now are one human for a no; what several had says that of nobody. -#}
{%- set edges -%}
    with former as ({{ former }}),
    currently as (
        select identifier_number, is_shared, cluster_id, from {{ ref('int_identity__linked_identifiers') }}
        where cluster_id is not null and identifier_number in (select identifier_number from former)
    )
    select former.cluster_id as a, coalesce(wide.wide_cluster_id, currently.cluster_id) as b
    from former
    inner join currently on former.identifier_number = currently.identifier_number
    left join ({{ wide }}) as wide on currently.cluster_id = wide.cluster_id
    where former.owners = 1 and not currently.is_shared
    qualify count(*) over (partition by former.identifier_number) = 1
{%- endset -%}

with former as (

    {{ former }}

),

linked_identifiers as (

    select identifier_number, cluster_id, from {{ ref('int_identity__linked_identifiers') }}
    where cluster_id is not null

),

wide_clusters as (

    {{ wide }}

),

identifiers as (

    select identifier_number, identifier_key from {{ worked('numbers') }}

),

persons as (

    select person_id, cluster_id, from {{ of_work('int_identity__persons', 'person_id') }}

),

components as (

    {{ connected_components(edges, 'identity_former') }}

),

joined as (

    select own.node_id as cluster_id, theirs.node_id as joined_cluster_id,
    from components as own
    inner join components as theirs on own.component_id = theirs.component_id

),

-- a wide cluster stands for those that likeness joins
widened as (

    select joined.cluster_id, joined.joined_cluster_id as member_cluster_id, from joined
    anti join wide_clusters on joined.joined_cluster_id = wide_clusters.cluster_id
    union all
    select joined.cluster_id, wide_clusters.cluster_id from joined
    inner join wide_clusters on joined.joined_cluster_id = wide_clusters.wide_cluster_id

),

linked as (

    select person_id, identifier_key, from former
    union
    select persons.person_id, identifiers.identifier_key,
    from widened
    inner join persons on widened.cluster_id = persons.cluster_id
    inner join linked_identifiers on widened.member_cluster_id = linked_identifiers.cluster_id
    inner join identifiers on linked_identifiers.identifier_number = identifiers.identifier_number
    union
    select persons.person_id, former.identifier_key,
    from joined
    inner join persons on joined.cluster_id = persons.cluster_id
    inner join former on joined.joined_cluster_id = former.cluster_id

)

select * from linked
