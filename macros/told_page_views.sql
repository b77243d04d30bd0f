{#-
    The page views that are told in this build: of the days of visitors for whom something changed (told.web_pairs), or all.
    A day of a visitor holds whole visits only (`note_web_pairs`), so what is read here is all that its visits are made of.
-#}
{% macro told_page_views() -%}
    select * from {{ ref('stg_web__page_views') }}
    {%- if is_incremental() %}
    where
        cast(occurred_at as date) in (select day from {{ source('told', 'web_pairs') }})
        and (hash(cookie_key), cast(occurred_at as date)) in (select visitor_id, day from {{ source('told', 'web_pairs') }})
    {%- endif %}
{%- endmacro %}

{#- Deletes what is told anew. Args: moment: the column whose day counts. -#}
{% macro forget_web_pairs(moment) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where (visitor_id, cast({{ moment }} as date)) in (select visitor_id, day from {{ source('told', 'web_pairs') }})
    {%- endif -%}
{%- endmacro %}

{#- The same of a model that knows a visit by `key`: session_id or session_key. -#}
{% macro forget_web_visits(key='session_id') -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ key }} in (select {{ key }} from {{ source('told', 'web_visits') }})
    {%- endif -%}
{%- endmacro %}

{#- The condition on what such a model reads. -#}
{% macro only_told_visits(session_id) -%}
    {%- if is_incremental() -%} {{ session_id }} in (select session_id from {{ source('told', 'web_visits') }})
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{#- Deletes what no click has any more. Args: column: of int_behaviour__clicks as well. -#}
{% macro forget_unless_clicked(column) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where {{ column }} in (
        select {{ column }} from {{ this }} as stored
        anti join {{ ref('int_behaviour__clicks') }} as clicks using ({{ column }})
    )
    {%- endif -%}
{%- endmacro %}
