{#- Join condition: the event says what the kind describes. Args: said: prefix of what a kind keeps as it was said. -#}
{% macro same_kind(events, kinds, said='said_') -%}
    {{ events }}.source = {{ kinds }}.source
    and {{ events }}.purpose = {{ kinds }}.purpose
    and {{ events }}.channel is not distinct from {{ kinds }}.{{ said }}channel
    and {{ events }}.recipient is not distinct from {{ kinds }}.recipient
    and {{ events }}.action = {{ kinds }}.action
    and {{ events }}.basis is not distinct from {{ kinds }}.{{ said }}basis
    and {{ events }}.consent_type is not distinct from {{ kinds }}.consent_type
    and {{ events }}.is_default = {{ kinds }}.is_default
    and {{ events }}.actor is not distinct from {{ kinds }}.{{ said }}actor
    and {{ events }}.notice_id is not distinct from {{ kinds }}.notice_id
    and {{ events }}.notice_version is not distinct from {{ kinds }}.notice_version
    and {{ events }}.notice_locale is not distinct from {{ kinds }}.notice_locale
    and {{ events }}.occurred_precision = {{ kinds }}.occurred_precision
{%- endmacro %}
