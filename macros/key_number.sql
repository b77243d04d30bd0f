{#-
    The number of a key: 63 bits of its hash, null of none. It lasts, needs no table to be looked up in, and is the same in
    whatever order keys arrive: linking works on numbers, which cost a fraction of what text does. Keys are HMACs, so of ten
    million two share a number in one warehouse of a hundred thousand; a data test stops the night that has such a pair.

    Args: key: SQL of the key. only: SQL of when it counts, otherwise null.
-#}
{% macro key_number(key, only=none) -%}
    case when {{ key }} is not null{% if only %} and {{ only }}{% endif %} then (hash({{ key }}) >> 1)::bigint end
{%- endmacro %}

{#- The number of a part of something numbered: below zero, where no key's number is. -#}
{% macro part_number(parts) -%}
    (-1 - (hash({{ parts | join(', ') }}) >> 1)::bigint)
{%- endmacro %}
