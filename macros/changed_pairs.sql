{#- The addresses that are replaced and were not when they were told, or no longer. -#}
{% macro changed_replaced() -%}
    {%- set told = "select identifier_number from " ~ source('told', 'identity_facts') ~ " where part = 'replaced'" -%}
    {%- set now = "select " ~ key_number('identifier_key') ~ " as identifier_number from " ~ ref('int_identity__replaced_identifiers') -%}
    ({{ now }} except {{ told }}) union ({{ told }} except {{ now }})
{%- endmacro %}

{#- The pairs of records that were compared, or decided on, otherwise than when they were told. -#}
{% macro changed_pairs() -%}
    (select record_a, record_b from ({{ identity_pairs() }} except select * from {{ source('told', 'identity_pairs') }}))
    union
    (select record_a, record_b from (select * from {{ source('told', 'identity_pairs') }} except {{ identity_pairs() }}))
{%- endmacro %}

{% macro identity_pairs() -%}
    select
        pairs.record_a,
        pairs.record_b,
        hash(pairs.match_weight, pairs.evidence, pairs.model_version, reviews.decision, reviews.recorded_by) as digest,
    from {{ ref('stg_landing__record_pairs') }} as pairs
    left join {{ ref('stg_landing__identity_reviews') }} as reviews on pairs.pair_key = reviews.pair_key
{%- endmacro %}
