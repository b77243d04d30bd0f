{#- The host of a URL, lower case, without port and a leading 'www.'; null for a bare path. -#}
{% macro url_host(url) -%}
    nullif(lower(regexp_extract({{ url }}, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(?:www\.)?([^/?#:]*)', 1)), '')
{%- endmacro %}
