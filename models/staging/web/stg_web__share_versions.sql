with shares as (

    select * from {{ named_versions(
        source('raw', 'shares'),
        key=['share_id'],
        identifiers=['identifier_key'],
        happened_at='created_at',
        newest_first='loaded_at desc, file_id desc, line_number desc'
    ) }}

),

versions as (

    select
        share_id,
        identifier_key,
        version_number,
    from shares

)

select * from versions
