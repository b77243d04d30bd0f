with record_pairs as (

    select * from {{ ref('stg_landing__record_pairs') }}

),

record_clusters as (

    select * from {{ of_work('int_identity__record_clusters') }}

),

compared as (

    select record_a as record_key from record_pairs
    union
    select record_b from record_pairs

),

-- whoever identifiers have made one is one here; a record whose identifiers link nothing stands for itself
placed as (

    select
        compared.record_key,
        record_clusters.cluster_id,
        coalesce(record_clusters.cluster_id, {{ part_number(["'record'", 'compared.record_key']) }}) as node_id,
    from compared
    inner join record_clusters on {{ key_number('compared.record_key') }} = record_clusters.record_number

)

select * from placed
