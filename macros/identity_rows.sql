{#- The raw rows that make records: by entity a hash of the record that a row is of, and from when on the row counts. -#}
{% macro identity_entities() -%}
    {{ return({
        'contacts': ('hash(record_key)', 'created_at is null or created_at'),
        'orders': ("hash('orders', source, order_id)", 'ordered_at'),
        'social_profiles': ('hash(record_key)', 'observed_at'),
        'conversations': ("hash('conversations', source, conversation_id)", 'opened_at'),
        'shares': ("hash('shares', share_id)", 'created_at'),
        'declared_interests': ("hash('declared_interests', source, identifier_key)", 'declared_at'),
        'page_views': ("hash('page_views', coalesce(source, 'web'), cookie_key, login_key)", 'occurred_at'),
        'email_events': ("hash('email_events', email_key)", 'occurred_at'),
    }) }}
{%- endmacro %}

{#- Args: entity. -#}
{% macro record_hash(entity) -%} {{ identity_entities()[entity][0] }} {%- endmacro %}

{#-
    Every raw row that makes a record by now: entity, delivery_id, row_id, record_hash. A contact row whose moment of change
    is reached, or whose name has got its number, is another row.
-#}
{% macro identity_rows() -%}
    {%- for entity, (hashed, moment) in identity_entities().items() %}
    select
        '{{ entity }}' as entity,
        hash(file_id, loaded_at) as delivery_id,
        {% if entity == 'contacts' -%}
        line_number * 4 + if(updated_at > {{ as_of() }}, 2, 0) + if(name_number is null, 0, 1) as row_id,
        {%- else -%}
        line_number as row_id,
        {%- endif %}
        {{ hashed }} as record_hash,
    from {{ source('raw', entity) }}
    {%- if entity == 'page_views' %}
    anti join {{ ref('stg_web__superseded_page_views') }} using (file_id, line_number)
    {%- endif %}
    where ({{ moment }} <= {{ as_of() }})
        {%- if entity == 'page_views' %} and {{ is_login() }} {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- Whether a page view says whose browser it is. -#}
{% macro is_login() -%} login_kind is not null and login_key is not null and login_key <> cookie_key {%- endmacro %}

{#- The raw rows of the records that this build looks at: of all, or of those that something may have changed. -#}
{% macro looked_at(entity) -%}
    {%- if not execute -%} {%- do ref('int_identity__candidates') -%} {%- endif -%}
    {%- if is_told_anew() -%} {{ source('raw', entity) }}
    {%- else -%}
    (select * from {{ source('raw', entity) }}
    where {{ record_hash(entity) }} in (select record_hash from {{ ref('int_identity__candidates') }}))
    {%- endif -%}
{%- endmacro %}
