{#- The versions of the records that this build looks at, or of all. Args: entity. -#}
{% macro versions_of(entity) -%}
    {%- set staged = ref({
        'contacts': 'stg_crm__contact_versions', 'orders': 'stg_shop__order_versions',
        'conversations': 'stg_service__conversation_versions', 'social_profiles': 'stg_social__profile_versions',
        'shares': 'stg_web__share_versions',
    }[entity]) -%}
    {%- if not execute -%} {%- do looked_at(entity) -%} {%- endif -%}
    {%- if is_told_anew() -%} {{ staged }}
    {%- elif entity == 'contacts' -%} {{ contact_versions(looked_at(entity)) }}
    {%- else -%} {{ entity_versions(entity, looked_at(entity)) }}
    {%- endif -%}
{%- endmacro %}
