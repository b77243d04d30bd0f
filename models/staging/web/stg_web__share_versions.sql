with shares as (

    select * from {{ entity_versions('shares', source('raw', 'shares')) }}

),

versions as (

    select
        share_id,
        identifier_key,
        version_number,
    from shares

)

select * from versions
