{{ config(materialized='view') }}

with

audience_candidates as (

    select * from {{ ref('audience_candidates') }}

),

segment_properties as (

    select segment, holdout_share, holdout_salt, from {{ source('lineage', 'segment_properties') }}
    where holdout_share > 0

),

-- both arms pass the same gates: the lot is all that tells them apart
drawn as (

    select
        audience_candidates.recipient,
        audience_candidates.segment,
        audience_candidates.person_id,
        segment_properties.holdout_salt,
        segment_properties.holdout_share,
        audience_candidates.is_held_out,
    from audience_candidates
    inner join segment_properties on audience_candidates.segment = segment_properties.segment
    where
        not audience_candidates.is_ended
        and audience_candidates.is_use_permitted
        and audience_candidates.is_permitted
        and not audience_candidates.is_suppressed
        and audience_candidates.is_addressable
        and audience_candidates.is_lasting

)

select * from drawn
