{#-
    What rests on contacts alone stays as it is while they do. Each row names the digest that it was told from, so that a
    table says itself whether it stands: a model forgets rows of another digest first, and tells where nothing is left.
        config(materialized='incremental', incremental_strategy='append', pre_hook="{% raw %}{{ forget_other_contacts() }}{% endraw %}")
-#}
{#- The condition on what is read: nothing while the table stands. -#}
{% macro unless_the_same() -%}
    {%- if is_incremental() -%} not exists (select 1 from {{ this }}) {%- else -%} true {%- endif -%}
{%- endmacro %}

{#- Deletes what was told from other contacts. -#}
{% macro forget_other_contacts() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where contact_digest is distinct from (select digest from {{ ref('int_consent__contact_digest') }})
    {%- endif -%}
{%- endmacro %}
