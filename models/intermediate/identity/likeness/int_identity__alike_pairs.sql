with record_pairs as (

    select * from {{ ref('stg_landing__record_pairs') }}

),

nodes as (

    select * from {{ ref('int_identity__alike_nodes') }}

),

contacts as (

    select * from {{ ref('int_identity__work_contacts') }}

),

refusals as (

    select * from {{ ref('int_identity__alike_refusals') }}

),

reviews as (

    select * from {{ ref('stg_landing__identity_reviews') }}

),

placed as (

    select
        record_pairs.*,
        node_a.node_id as node_a,
        node_b.node_id as node_b,
    from record_pairs
    inner join nodes as node_a on record_pairs.record_a = node_a.record_key
    inner join nodes as node_b on record_pairs.record_b = node_b.record_key
    where node_a.node_id <> node_b.node_id

),

-- of a million pairs of names those of compared people
names as (

    select * from {{ ref('stg_landing__compatible_names') }}
    where name_number in (
        select contacts.name_number from contacts
        inner join placed on contacts.record_key = placed.record_a
    )

),

-- what identifiers have linked needs no likeness; whoever is not one of both people by name, birth or account is vetoed
judged as (

    select
        placed.*,
        reviews.decision as review,
        reviews.recorded_by as reviewed_by,
        coalesce(refused_a.reason, refused_b.reason) as refusal,
        case
            when a.name_number <> b.name_number and names.name_number is null then 'given_name'
            when not {{ could_be_one_person('a', 'b', 'names') }} then 'birth_date'
            when a.source = b.source and a.crm_kind = b.crm_kind and a.crm_key <> b.crm_key then 'account'
        end as veto,
    from placed
    inner join contacts as a on placed.record_a = a.record_key
    inner join contacts as b on placed.record_b = b.record_key
    left join names on a.name_number = names.name_number and b.name_number = names.other_number
    left join refusals as refused_a on placed.record_a = refused_a.record_key
    left join refusals as refused_b on placed.record_b = refused_b.record_key
    left join reviews on placed.pair_key = reviews.pair_key

),

-- alike enough to be one without anybody's word
weighed as (

    select
        *,
        match_weight >= cast({{ likeness_rule('automatic_weight') }} as double) as is_alike,
        corroborating_bits >= cast({{ likeness_rule('corroborating_bits') }} as double) as is_corroborated,
    from judged
    where match_weight >= cast({{ likeness_rule('review_weight') }} as double) or review is not null

)

select * from weighed
