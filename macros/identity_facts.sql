{#-
    What is asked of identifiers and no record says, of all: part, identifier_number, digest. Part permission decides who is
    one person, part use only what a person may be used for (purposes/).
-#}
{% macro identity_facts() -%}
    select asked.part, {{ key_number('identifier_key') }} as identifier_number, asked.digest
    from {{ ref('int_consent__permissions') }} as permissions
    inner join ({{ asked_purposes() }}) as asked on permissions.purpose = asked.purpose
    where channel is null and recipient is null and controller = {{ own_controller() }} and is_permitted
    union all
    select 'denial', {{ key_number('identifier_key') }}, hash(purpose) from {{ ref('int_consent__denials') }}
    union all
    select 'block', {{ key_number('identifier_key') }}, hash(block_reason) from {{ ref('stg_landing__identifiers') }}
    where is_blocked
    union all
    select 'name', {{ key_number('identifier_key') }}, hash(name_number) from {{ ref('stg_landing__email_names') }}
{%- endmacro %}

{#- The purposes whose permissions identity rests on: purpose, part of the facts, digest. -#}
{% macro asked_purposes() -%}
    select purpose, if(bool_or(is_of_linking), 'permission', 'use') as part, hash(purpose) as digest
    from (
        select requires_purpose as purpose, true as is_of_linking from {{ ref('identity_rules') }}
        union all
        select value, true from {{ ref('likeness_rules') }} where parameter = 'requires_purpose'
        union all
        select purpose, false from {{ ref('purposes') }} where kind = 'use' and not is_permitted_by_contract
    )
    group by purpose
{%- endmacro %}

{#- Facts are compared by the sums of so many buckets of identifiers: one by one only where a sum differs. -#}
{% macro fact_bucket() -%} (identifier_number & 16383)::integer {%- endmacro %}
