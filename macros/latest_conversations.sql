{#- Each conversation as it was loaded last. Args: conversations: relation as raw.conversations. -#}
{% macro latest_conversations(conversations) -%}
    select
        source,
        conversation_id,
        channel,
        identifier_kind,
        identifier_key,
        topic,
        opened_at,
        if(closed_at <= {{ as_of() }}, closed_at, null) as closed_at,
        loaded_at,
    from {{ conversations }}
    where opened_at <= {{ as_of() }}
    qualify row_number() over (
        partition by source, conversation_id
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1
{%- endmacro %}
