{#- The words of a text in lower case, as a list. Separators go by `translate`, a quarter of a regular expression's cost. -#}
{% macro words(text) -%}
    list_filter(
        string_split(lower(translate({{ text }}, '/-_.+,;:()&"''!?*#|[]', repeat(' ', 20))), ' '),
        lambda word: word <> ''
    )
{%- endmacro %}
