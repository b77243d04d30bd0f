{#-
    A bound of Wilson's score interval (1927) of a share, without continuity correction; null where nobody was counted.
    Args:
        hits, total: columns
        sign: '-' for the lower bound, '+' for the upper
        z: quantile of the normal distribution, 1.959964 for 95 %
-#}
{% macro wilson_bound(hits, total, sign, z) -%}
    (
        2 * {{ hits }} + pow({{ z }}, 2)
        {{ sign }} {{ z }} * sqrt(pow({{ z }}, 2) + 4 * {{ hits }} * (1 - {{ hits }} / nullif({{ total }}, 0)))
    ) / (2 * ({{ total }} + pow({{ z }}, 2)))
{%- endmacro %}
