{{ config(materialized='view') }}

-- one branch per place of an identifier: unnesting a list of them costs five times as much
{% for place in ['crm', 'email', 'phone', 'other', 'cookie'] -%}
select
    record_number,
    {{ place }}_number as identifier_number,
    entity,
    source,
    identifier_set,
    name_number,
    birth_date,
    first_seen_at,
from {{ ref('int_identity__records') }}
where {{ place }}_number is not null
{%- if not loop.last %}
union all
{% endif %}
{%- endfor %}
