{{ config(materialized='view') }}

with gone as (

    select record_key, entity, {{ record_hash('social_profiles') }} as record_hash,
    from {{ ref('int_identity__record_moves') }}
    where person_id is null
    group by record_key, entity

),

erased as (

    select record_key from {{ source('told', 'identity_erased') }}
    group by record_key

),

-- what it was told by when people were told last: of a file that still stands only the door takes single rows
standing_files as (

    select hash(file_id, loaded_at) as delivery_id from {{ source('raw', 'files') }}
    where status = 'loaded'

),

taken_out as (

    select record_hash from {{ source('told', 'identity_rows') }}
    where
        entity = 'social_profiles'
        and record_hash in (select record_hash from gone where entity = 'social_profiles')
        and delivery_id in (select delivery_id from standing_files)
    group by record_hash

),

caused as (

    select
        gone.record_key,
        case
            when erased.record_key is not null then 'erasure'
            when gone.entity = 'social_profiles' and taken_out.record_hash is not null then 'door'
            else 'records_changed'
        end as cause,
    from gone
    left join erased on gone.record_key = erased.record_key
    left join taken_out on gone.record_hash = taken_out.record_hash

)

select * from caused
