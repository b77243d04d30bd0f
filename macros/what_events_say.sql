{#- The columns of a consent event whose combinations are few: what the rules judge, once per combination. -#}
{% macro what_events_say(relation) -%}
    {%- for name in [
        'source', 'purpose', 'channel', 'recipient', 'action', 'basis', 'consent_type', 'is_default', 'actor',
        'notice_id', 'notice_version', 'notice_locale', 'occurred_precision',
    ] -%}
        {{ relation }}.{{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
