{#- What is asked of identifiers and no record says, of all: part, identifier_number, digest. -#}
{% macro identity_facts() -%}
    select 'permission' as part, {{ key_number('identifier_key') }} as identifier_number, hash(purpose) as digest
    from {{ ref('int_consent__permissions') }}
    where
        channel is null and recipient is null and controller = {{ own_controller() }} and is_permitted
        and purpose in (
            select requires_purpose from {{ ref('identity_rules') }}
            union all
            select value from {{ ref('likeness_rules') }} where parameter = 'requires_purpose'
        )
    union all
    select 'denial', {{ key_number('identifier_key') }}, hash(purpose) from {{ ref('int_consent__denials') }}
    union all
    select 'block', {{ key_number('identifier_key') }}, hash(block_reason) from {{ ref('stg_landing__identifiers') }}
    where is_blocked
    union all
    select 'name', {{ key_number('identifier_key') }}, hash(name_number) from {{ ref('stg_landing__email_names') }}
{%- endmacro %}
