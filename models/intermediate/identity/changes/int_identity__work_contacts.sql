{{ config(materialized='view') }}

{% if is_told_anew() -%}
select * from {{ ref('stg_crm__contacts') }}
{%- else -%}
select * from {{ newest_contacts(
    '(select * from ' ~ source('raw', 'contacts') ~ ' where record_key in (select record_key from ' ~ ref('int_identity__work') ~ '))',
    as_of()) }}
{%- endif %}
{{ built_after(['int_identity__work']) }}
