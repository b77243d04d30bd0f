{#- The values of a group as a list, highest weight first, then by value. A quarter of the cost of `list(value order by ...)`
    (500,000 groups: 1.0 against 3.8 CPU s). -#}
{% macro ranked_list(value, weight) -%}
    list_transform(
        list_sort(list({'weight': -({{ weight }}), 'value': {{ value }}})),
        lambda ranked: ranked.value
    )
{%- endmacro %}
