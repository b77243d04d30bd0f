{#- The campaign that a URL names, as a number; null when it names none. -#}
{% macro campaign_of(url) -%}
    nullif(
        hash({{ url_parameter(url, 'utm_source') }}, {{ url_parameter(url, 'utm_medium') }}, {{ url_parameter(url, 'utm_campaign') }}),
        hash(cast(null as varchar), cast(null as varchar), cast(null as varchar))
    )
{%- endmacro %}
