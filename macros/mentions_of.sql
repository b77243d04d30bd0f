{#- One row per record and identifier it names, one branch per place of an identifier: unnesting a list of them costs five
    times as much. Args: records: relation as int_identity__records. -#}
{% macro mentions_of(records) -%}
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
from {{ records }}
where {{ place }}_number is not null
{%- if not loop.last %}
union all
{% endif %}
{%- endfor %}
{%- endmacro %}
