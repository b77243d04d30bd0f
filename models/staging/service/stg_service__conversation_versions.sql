with conversations as (

    select * from {{ named_versions(
        source('raw', 'conversations'),
        key=['source', 'conversation_id'],
        identifiers=['identifier_key'],
        happened_at='opened_at',
        newest_first='loaded_at desc, file_id desc, line_number desc'
    ) }}

),

versions as (

    select
        source,
        conversation_id,
        identifier_key,
        version_number,
    from conversations

)

select * from versions
