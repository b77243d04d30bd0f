{#- What int_consent__told leaves to the next build: from which ledger, by which rules and on which facts everything is told. -#}
{% macro tell_all() -%}
    {{ return([
        "delete from {{ source('told', 'facts') }} as held where not exists (select 1 from {{ ref('int_consent__fact_digests') }} as now where now.identifier_key = held.identifier_key and now.digest = held.digest)",
        "insert into {{ source('told', 'facts') }} select now.identifier_key, now.digest from {{ ref('int_consent__fact_digests') }} as now where not exists (select 1 from {{ source('told', 'facts') }} as held where now.identifier_key = held.identifier_key)",
        "delete from {{ source('told', 'notices') }}",
        "insert into {{ source('told', 'notices') }} select notice_id, digest from {{ ref('int_consent__notice_digests') }}",
        "delete from {{ source('told', 'pending') }}",
        "delete from {{ source('told', 'ledger') }}",
        "insert into {{ source('told', 'ledger') }} select known_at, last_seq, last_row_hash, rules_digest from {{ this }}",
    ]) }}
{%- endmacro %}
