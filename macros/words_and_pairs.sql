{#- A list of words with every two neighbours added ('summer', 'dress', 'summer dress'): what keywords of one or two words
    are joined on. An equality join instead of a search of each keyword in each text. -#}
{% macro words_and_pairs(words) -%}
    list_concat(
        {{ words }},
        list_transform(list_zip({{ words }}, {{ words }}[2:]), lambda pair: pair[1] || ' ' || pair[2])
    )
{%- endmacro %}
