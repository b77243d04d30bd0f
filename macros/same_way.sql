{#- Join condition: the event says what the way describes. -#}
{% macro same_way(events, ways) -%}
    {{ events }}.source = {{ ways }}.source
    and {{ events }}.purpose = {{ ways }}.purpose
    and {{ events }}.channel is not distinct from {{ ways }}.channel
    and {{ events }}.recipient is not distinct from {{ ways }}.recipient
    and {{ events }}.action = {{ ways }}.action
    and {{ events }}.basis is not distinct from {{ ways }}.basis
    and {{ events }}.consent_type is not distinct from {{ ways }}.consent_type
    and {{ events }}.is_default = {{ ways }}.is_default
    and {{ events }}.actor is not distinct from {{ ways }}.actor
    and {{ events }}.notice_id is not distinct from {{ ways }}.notice_id
    and {{ events }}.notice_version is not distinct from {{ ways }}.notice_version
    and {{ events }}.notice_locale is not distinct from {{ ways }}.notice_locale
    and {{ events }}.occurred_precision = {{ ways }}.occurred_precision
{%- endmacro %}
