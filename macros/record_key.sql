{#- The key of a record that the loader does not key: an order, a conversation, a share. Equal parts give an equal key. -#}
{% macro record_key(entity, parts) -%}
    md5(concat_ws(chr(31), '{{ entity }}', {{ parts | join(', ') }}))
{%- endmacro %}
