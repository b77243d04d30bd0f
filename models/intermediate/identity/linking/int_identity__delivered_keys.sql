{{ config(materialized='view') }}

-- every key of every delivered row, old versions too: only asked for identifiers that the loader does not know
{% set named = [
    ('contacts', 'crm_key', 'crm_kind'), ('contacts', 'email_key', "'email'"), ('contacts', 'phone_key', "'phone'"),
    ('contacts', 'nickname_key', 'nickname_kind'),
    ('orders', 'crm_key', 'crm_kind'), ('orders', 'email_key', "'email'"), ('orders', 'phone_key', "'phone'"),
    ('social_profiles', 'crm_key', "'crm_id'"), ('social_profiles', 'email_key', "'email'"),
    ('social_profiles', 'phone_key', "'phone'"), ('social_profiles', 'handle_key', "'handle:' || platform"),
    ('conversations', 'identifier_key', 'identifier_kind'), ('shares', 'identifier_key', 'identifier_kind'),
    ('declared_interests', 'identifier_key', 'identifier_kind'),
    ('page_views', 'login_key', 'login_kind'), ('page_views', 'cookie_key', "'cookie'"),
    ('email_events', 'email_key', "'email'"),
] -%}
{% for entity, key, kind in named -%}
select
    {{ key_number(key) }} as identifier_number,
    {{ key }} as identifier_key,
    {{ kind }} as identifier_kind,
from {{ source('raw', entity) }}
where {{ key }} is not null
{%- if not loop.last %}
union all
{% endif %}
{%- endfor %}
