{#- The decoded value of one query parameter; null when absent or empty. `name` is a literal of letters, digits, _ and -. -#}
{% macro url_parameter(url, name) -%}
    {%- if not modules.re.fullmatch('[A-Za-z0-9_-]+', name) -%}
        {{ exceptions.raise_compiler_error("url_parameter: '" ~ name ~ "' is not a parameter name") }}
    {%- endif -%}
    nullif(url_decode(replace(regexp_extract({{ url }}, '[?&]{{ name }}=([^&#]*)', 1), '+', ' ')), '')
{%- endmacro %}
