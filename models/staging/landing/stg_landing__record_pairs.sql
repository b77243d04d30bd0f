with record_pairs as (

    select * from {{ source('likeness', 'record_pairs') }}

)

select
    md5(concat_ws(chr(31), record_a, record_b)) as pair_key,
    record_a,
    record_b,
    match_weight,
    coalesce(list_sum(list_transform(
        list_filter(evidence, lambda said: said.comparison not in ('given', 'surname')), lambda said: said.bits)), 0)
        as corroborating_bits,
    evidence,
    model_version,
from record_pairs
