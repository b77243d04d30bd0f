{#- A total order of a record's versions, newest first: its own clock, then our load, then the place in the file. -#}
{% macro newest_version_first(own_clock) -%}
    coalesce({{ own_clock }}, loaded_at) desc, loaded_at desc, file_id desc, line_number desc
{%- endmacro %}
