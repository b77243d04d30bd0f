{#- The path of a URL or of a bare path, lower case, without scheme, host, query and fragment; '/' when there is none.
    Used on distinct URLs only: the regular expression costs about four times a `translate`. -#}
{% macro url_path(url) -%}
    coalesce(nullif(lower(regexp_extract({{ url }}, '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)', 1)), ''), '/')
{%- endmacro %}
