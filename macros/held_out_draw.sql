{#- A person's lot between 0 and 1, the same every night: who is below the hold-out share is never sent. It rests on the
    person and the salt alone, so that neither consent nor the order of nights moves anybody between the arms. -#}
{% macro held_out_draw(person_id, salt) -%}
    cast('0x' || substr(sha256({{ person_id }}::varchar || ':' || {{ salt }}), 1, 8) as ubigint) % 10000 / 10000.0
{%- endmacro %}
