{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('record_key', own='record_a') }}",
) }}
{{ built_after(['int_identity__rules']) }}
with pairs as (

    select * from {{ ref('int_identity__alike_pairs') }}

),

groups as (

    select * from {{ ref('int_identity__alike_groups') }}

),

decided as (

    select
        pairs.pair_key,
        pairs.record_a,
        pairs.record_b,
        pairs.node_a,
        pairs.node_b,
        case
            when pairs.review = 'reject' then 'rejected'
            when pairs.refusal is not null then 'refused'
            when pairs.review = 'accept' then 'accepted'
            when pairs.veto is not null then 'veto'
            when pairs.is_alike and pairs.is_corroborated and group_a.group_id = group_b.group_id then 'automatic'
            else 'review'
        end as decision,
        case decision
            when 'refused' then pairs.refusal
            when 'veto' then pairs.veto
            when 'review' then case
                when not pairs.is_alike then 'weak'
                when not pairs.is_corroborated then 'names_only'
                else 'doubtful_group'
            end
        end as reason,
        -- what both would be without consent: a no travels over it all the same
        pairs.is_alike and pairs.is_corroborated and pairs.veto is null and pairs.review is distinct from 'reject'
            as is_believed,
        pairs.match_weight,
        pairs.corroborating_bits,
        pairs.evidence,
        pairs.model_version,
        pairs.reviewed_by,
    from pairs
    left join groups as group_a on pairs.node_a = group_a.node_id
    left join groups as group_b on pairs.node_b = group_b.node_id

)

select * from decided
