with conversations as (

    select * from {{ entity_versions('conversations', source('raw', 'conversations')) }}

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
