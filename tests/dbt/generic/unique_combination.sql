{#- The columns together are a key of the model: no combination occurs twice, and none holds a null but in `nullable`. -#}
{% test unique_combination(model, columns, nullable=[]) %}

select
    {{ (columns + nullable) | join(', ') }},
    count(*) as occurrences,
from {{ model }}
group by all
having count(*) > 1 or not ({{ columns | join(' is not null and ') }} is not null)

{% endtest %}
