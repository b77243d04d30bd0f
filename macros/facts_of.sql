{#- Digests of the facts of one part (int_consent__fact_digests); none where it is made of the same as when it was told.
    Args: part, rows (a relation), columns (what a fact says), key (the column of its identifier). -#}
{% macro facts_of(part, rows, columns, key='identifier_key') -%}
    select '{{ part }}' as part, {{ key }} as identifier_key, hash({{ columns }}) as digest
    from {{ rows }}
    where {{ key }} is not null and (
        select is_changed from {{ ref('int_consent__fact_inputs') }} where part = '{{ part }}'
    )
{%- endmacro %}
