{{ built_after(['int_identity__rules']) }}
with doubtful_uses as (

    select * from {{ ref('int_identity__doubtful_uses') }}

),

core_parts as (

    select * from {{ of_work('int_identity__core_parts', 'person_id') }}

),

permitting_records as (

    select * from {{ ref('int_identity__permitting_records') }}

),

persons as (

    select person_id, anchor_record_key from {{ of_work('int_identity__persons', 'person_id') }}

),

-- a yes on one record of a contract is the contract's
judged as (

    select
        doubtful_uses.person_id,
        doubtful_uses.purpose,
        core_parts.core_key,
        min(core_parts.record_key) as first_record_key,
        bool_or(core_parts.record_key = persons.anchor_record_key) as holds_anchor,
        bool_or(permitting_records.record_key is not null) as is_permitting,
        count(*) as records,
    from doubtful_uses
    inner join core_parts on doubtful_uses.person_id = core_parts.person_id
    inner join persons on doubtful_uses.person_id = persons.person_id
    left join permitting_records
        on core_parts.record_key = permitting_records.record_key and doubtful_uses.purpose = permitting_records.purpose
    group by doubtful_uses.person_id, doubtful_uses.purpose, core_parts.core_key

),

numbered as (

    select
        *,
        row_number() over (order by person_id, purpose, core_key) as part_number,
    from judged

)

select * from numbered
