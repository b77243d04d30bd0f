{#-
    Communities by label propagation (Raghavan, Albert and Kumara, "Near linear time algorithm to detect community structures in
    large-scale networks", 2007): in each round everybody takes the label that weighs most among their neighbours and
    themselves; a tie goes to the smaller label. All move at once, and what each weighs for themselves (the heaviest edge) keeps
    two from swapping labels for ever. A fixed number of rounds, so that the result is the same for the same graph.

    Args: edges: a relation of (person_id, neighbour_id, weight), each edge both ways. labels: a relation of (person_id, label),
    one of their own for each person in the graph. rounds: how often to pass labels on.
    Returns: common table expressions, the last of which is `propagated` (person_id, label).
-#}
{% macro label_propagation(edges, labels, rounds) -%}
label_holders as (

    select person_id, person_id as neighbour_id, max(weight) as weight from {{ edges }}
    group by person_id

    union all

    select person_id, neighbour_id, weight from {{ edges }}

),
{% for round in range(1, rounds + 1) %}
labels_{{ round }} as materialized (

    select label_holders.person_id, labels.label
    from label_holders
    inner join {{ labels if round == 1 else 'labels_' ~ (round - 1) }} as labels
        on label_holders.neighbour_id = labels.person_id
    group by label_holders.person_id, labels.label
    qualify row_number() over (
        partition by label_holders.person_id
        order by round(sum(label_holders.weight), 6) desc, labels.label
    ) = 1

),
{% endfor %}
propagated as (

    select person_id, label from labels_{{ rounds }}

)
{%- endmacro %}
