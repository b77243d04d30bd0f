{#-
    Connected components by randomised contraction (Bögeholz, Brand and Todor, "In-database connected component analysis",
    ICDE 2020). Each round every node takes the neighbour (or itself) with the smallest salted hash as its representative and
    the edges are contracted to representatives: the graph shrinks by a constant factor whatever its shape, so chains are
    no trap (without a salt a sorted path of 400 nodes takes 400 rounds).

    Args: edges: a select of two BIGINT columns a, b. prefix: name of the temporary tables, unique per model.
    Returns: a select of (node_id, component_id), a component's id being one of its nodes; a node without an edge has no row.
    Runs only while a model is built: a mere compilation yields the same columns without rows.
-#}
{% macro connected_components(edges, prefix) %}
    {%- if not execute or flags.WHICH not in ('build', 'run', 'run-operation') -%}
        {{ return('select null::bigint as node_id, null::bigint as component_id from (' ~ edges ~ ') where false') }}
    {%- endif -%}
    {%- do run_query('create or replace temp table ' ~ prefix ~ '_edges as select distinct a, b from (' ~ edges ~ ') where a <> b') -%}
    {%- set graph = namespace(rounds=0, edges=run_query('select count(*) from ' ~ prefix ~ '_edges')[0][0]) -%}
    {%- for round in range(100) -%}
        {%- if graph.edges -%}
            {%- do run_query(contract_edges(prefix, round)) -%}
            {%- set graph.rounds = round + 1 -%}
            {%- set graph.edges = run_query('select count(*) from ' ~ prefix ~ '_edges')[0][0] -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if graph.edges -%}{{ exceptions.raise_compiler_error(prefix ~ ': no end after 100 contractions') }}{%- endif -%}
    {%- do run_query('create or replace temp table ' ~ prefix ~ '_found (node_id bigint, component_id bigint)') -%}
    {%- for round in range(graph.rounds - 1, -1, -1) -%}
        {%- do run_query(expand_components(prefix, round)) -%}
    {%- endfor -%}
    {{ return('select node_id, component_id from ' ~ prefix ~ '_found') }}
{% endmacro %}

{#- One contraction: who represents whom in this round, and the edges that are left between representatives. -#}
{% macro contract_edges(prefix, round) %}
    {%- set salt = (round + 1) * 7046029254386353131 % 4611686018427387904 %}
    create or replace temp table {{ prefix }}_round_{{ round }} as
    select
        node_id,
        if(min(hash(xor(neighbour, {{ salt }}))) < hash(xor(node_id, {{ salt }})),
           arg_min(neighbour, hash(xor(neighbour, {{ salt }}))), node_id) as representative,
    from (
        select a as node_id, b as neighbour, from {{ prefix }}_edges
        union all
        select b, a, from {{ prefix }}_edges
    )
    group by node_id;
    create or replace temp table {{ prefix }}_edges as
    select distinct least(x.representative, y.representative) as a, greatest(x.representative, y.representative) as b,
    from {{ prefix }}_edges as edges
    inner join {{ prefix }}_round_{{ round }} as x on edges.a = x.node_id
    inner join {{ prefix }}_round_{{ round }} as y on edges.b = y.node_id
    where x.representative <> y.representative
{% endmacro %}

{#- The way back: a node's component is that of its representative in the next round. -#}
{% macro expand_components(prefix, round) %}
    create or replace temp table {{ prefix }}_found as
    select round.node_id, coalesce(found.component_id, round.representative) as component_id,
    from {{ prefix }}_round_{{ round }} as round
    left join {{ prefix }}_found as found on round.representative = found.node_id;
    drop table {{ prefix }}_round_{{ round }}
{% endmacro %}
