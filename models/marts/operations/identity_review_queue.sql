with decisions as (

    select * from {{ ref('int_identity__alike_decisions') }}
    where decision <> 'refused'

),

person_records as (

    select * from {{ ref('int_identity__person_records') }}

),

queued as (

    select
        decisions.pair_key,
        decisions.decision,
        decisions.reason,
        a.person_id,
        b.person_id as other_person_id,
        a.source,
        b.source as other_source,
        decisions.record_a as record_key,
        decisions.record_b as other_record_key,
        decisions.match_weight,
        decisions.corroborating_bits,
        to_json(decisions.evidence)::varchar as evidence,
        decisions.model_version,
        decisions.reviewed_by,
    from decisions
    inner join person_records as a on decisions.record_a = a.record_key
    inner join person_records as b on decisions.record_b = b.record_key

)

select * from queued
