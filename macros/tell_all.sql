{#- What int_consent__told leaves to the next build: from which ledger, by which rules and on which facts everything is told. -#}
{% macro tell_all() -%}
    {{ return([
        "delete from {{ source('told', 'facts') }} where part in (select part from {{ ref('int_consent__fact_inputs') }} where is_changed)",
        "insert into {{ source('told', 'facts') }} select part, identifier_key, digest from {{ ref('int_consent__fact_digests') }}",
        "delete from {{ source('told', 'fact_inputs') }}",
        "insert into {{ source('told', 'fact_inputs') }} select part, digest from {{ ref('int_consent__fact_inputs') }}",
        "delete from {{ source('told', 'notices') }}",
        "insert into {{ source('told', 'notices') }} select notice_id, digest from {{ ref('int_consent__notice_digests') }}",
        "delete from {{ source('told', 'pending') }}",
        "delete from {{ source('told', 'ledger') }}",
        "insert into {{ source('told', 'ledger') }} select known_at, last_seq, last_row_hash, rules_digest from {{ this }}",
    ]) }}
{%- endmacro %}
