{#- What int_identity__told leaves to the next build: by which rules and of what everybody is told. -#}
{% macro tell_identity() -%}
    {{ return([
        "{{ tell_rows() }}", "{{ tell_facts() }}", "{{ tell_groups() }}",
        "delete from {{ source('told', 'identity_fact_sums') }}",
        "insert into {{ source('told', 'identity_fact_sums') }} select part, bucket, fact_sum from {{ ref('int_identity__fact_sums') }} where fact_sum is not null",
        "delete from {{ source('told', 'identity_deliveries') }}",
        "insert into {{ source('told', 'identity_deliveries') }} select entity, delivery_id, rows, row_sum from {{ ref('int_identity__deliveries') }} where rows > 0",
        "delete from {{ source('told', 'identity_former') }}",
        "insert into {{ source('told', 'identity_former') }} select record_key from {{ ref('int_identity__former_identifiers') }} group by record_key",
        "delete from {{ source('told', 'identity_pairs') }}",
        "insert into {{ source('told', 'identity_pairs') }} {{ identity_pairs() }}",
        "delete from {{ source('told', 'identity_names') }} where {{ name_bucket() }} in ({{ changed_name_buckets() }})",
        "insert into {{ source('told', 'identity_names') }} select name_number, other_number from {{ ref('stg_landing__compatible_names') }} where {{ name_bucket() }} in ({{ changed_name_buckets() }})",
        "delete from {{ source('told', 'identity_erased') }}",
        "delete from {{ source('told', 'identity_unfinished') }}",
        "delete from {{ source('told', 'identity_rules') }}",
        "insert into {{ source('told', 'identity_rules') }} select rules_digest, as_of, is_past from {{ this }}",
    ]) }}
{%- endmacro %}

{#- The raw rows that are told: of deliveries that changed, or all. -#}
{% macro tell_rows() -%}
    {%- set changed = 'select delivery_id from ' ~ ref('int_identity__deliveries') ~ ' where is_changed' -%}
    delete from {{ source('told', 'identity_rows') }}
    {%- if not is_told_anew() %} where delivery_id in ({{ changed }}){% endif %};
    insert into {{ source('told', 'identity_rows') }} select * from ({{ identity_rows() }})
    {%- if not is_told_anew() %} where delivery_id in ({{ changed }}){% endif %}
{%- endmacro %}

{#- What is known of identifiers, and of which one the loader does not know. -#}
{% macro tell_facts() -%}
    {%- set facts, told = ref('int_identity__facts'), source('told', 'identity_facts') -%}
    {%- if is_told_anew() -%}
    delete from {{ told }};
    insert into {{ told }} {{ identity_facts() }};
    {%- else -%}
    delete from {{ told }} where part in ('replaced', 'unknown')
        or (part, identifier_number, digest) in (select part, identifier_number, digest from {{ facts }} where is_gone);
    insert into {{ told }} select part, identifier_number, digest from {{ facts }} where not is_gone;
    {%- endif %}
    insert into {{ told }} select 'replaced', {{ key_number('identifier_key') }}, 0 from {{ ref('int_identity__replaced_identifiers') }};
    insert into {{ told }} select 'unknown', identifier_number, 0 from {{ ref('int_identity__guarded_identifiers') }}
    where guard_reason = 'unknown_identifier'
{%- endmacro %}

{#- Which records hang together: of this build's work, or all. -#}
{% macro tell_groups() -%}
    delete from {{ source('told', 'identity_groups') }}
    {%- if not is_told_anew() %}
    where record_number in (select record_number from {{ ref('int_identity__work') }})
    {%- endif %};
    insert into {{ source('told', 'identity_groups') }} select record_number, group_id from {{ ref('int_identity__groups') }}
{%- endmacro %}
