{#-
    The history of an identifier is told anew when something about it has changed (int_consent__changes), else what is
    stored stands. A model that does so forgets before it tells, in one transaction:
        config(
            materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'},
            pre_hook="{% raw %}{{ forget_changed('identifier_number') }}{% endraw %}")
-#}
{#- The condition on what is told: the identifiers that changed, or all where nothing is stored.
    Args: identifier_number: SQL of it. -#}
{% macro only_changed(identifier_number) -%}
    {%- if not execute -%}{#- for the graph; a unit test need not give them -#}
        {%- do [ref('int_consent__changes'), ref('int_consent__rules')] -%}
    {%- endif -%}
    {%- if is_incremental() -%} {{ identifier_number }} in (select identifier_number from {{ ref('int_consent__changes') }})
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{#- Deletes what will be told anew: what was told about an identifier may have no row any more. -#}
{% macro forget_changed(identifier_number) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where {{ identifier_number }} in (select identifier_number from {{ ref('int_consent__changes') }})
    {%- endif -%}
{%- endmacro %}

{#- The last event of the ledger that is told. -#}
{% macro told_through() -%}
    {%- set position = ref('int_consent__ledger_position') -%}
    {%- if is_incremental() or model.config.materialized != 'incremental' -%} (select told_through from {{ position }})
    {%- else -%} 0
    {%- endif -%}
{%- endmacro %}
