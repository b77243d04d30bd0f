{#-
    Components of weighted edges in which nobody is joined by a chain of doubtful links. A component of more than
    `dense_from` nodes that has fewer than `density` of its possible edges, or one that contradicts itself, is dissolved, and
    its nodes are closed again over the edges of the next higher weight only; what never settles stays apart. Closing at one
    weight is the weak point of record linkage: a single wrong edge joins two whole people.

    Args: edges: a select of two BIGINT columns a, b and weight. prefix: name of the temporary tables, unique per model.
          least, step, steps: the weights to close at, as numbers or SQL. density, dense_from: likewise.
          contradicting: a select of component_id over the table <prefix>_members (node_id, component_id).
    Returns: a select of (node_id, component_id); a node that stays alone has no row. Runs only while a model is built.
-#}
{% macro dense_components(edges, prefix, least, step, steps, density, dense_from, contradicting=none) %}
    {%- if not execute or flags.WHICH not in ('build', 'run', 'run-operation') -%}
        {{ return('select a as node_id, b as component_id from (' ~ edges ~ ') where false') }}
    {%- endif -%}
    {%- do run_query('create or replace temp table ' ~ prefix ~ '_left as select a, b, weight from (' ~ edges ~ ') where a <> b') -%}
    {%- do run_query('create or replace temp table ' ~ prefix ~ '_settled (node_id bigint, component_id bigint)') -%}
    {%- for place in range(steps) -%}
        {%- set bound = '(' ~ least ~ ') + ' ~ place ~ ' * (' ~ step ~ ')' -%}
        {%- if run_query('select count(*) from ' ~ prefix ~ '_left')[0][0] -%}
            {%- do run_query('delete from ' ~ prefix ~ '_left where weight < ' ~ bound) -%}
            {%- set components = connected_components('select a, b from ' ~ prefix ~ '_left', prefix ~ '_step') -%}
            {%- do run_query('create or replace temp table ' ~ prefix ~ '_members as ' ~ components) -%}
            {%- do run_query(settle_components(prefix, density, dense_from, contradicting)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return('select node_id, component_id from ' ~ prefix ~ '_settled') }}
{% endmacro %}

{#- Keep the components that hold together, and leave the edges of the others. -#}
{% macro settle_components(prefix, density, dense_from, contradicting) %}
    create or replace temp table {{ prefix }}_refused as
    select component_id from (
        select component_id, count(*) as nodes, from {{ prefix }}_members group by component_id
    )
    inner join (
        select members.component_id, count(*) as edges, from (select distinct a, b from {{ prefix }}_left) as edges
        inner join {{ prefix }}_members as members on edges.a = members.node_id
        group by members.component_id
    ) using (component_id)
    where nodes > {{ dense_from }} and edges < {{ density }} * nodes * (nodes - 1) / 2
    {%- if contradicting %} union select component_id from ({{ contradicting }}){% endif %};
    insert into {{ prefix }}_settled
    select node_id, component_id from {{ prefix }}_members
    where component_id not in (select component_id from {{ prefix }}_refused);
    delete from {{ prefix }}_left where a in (select node_id from {{ prefix }}_settled)
{% endmacro %}
