{#-
    Digest of the SQL that decides: the files of the models, and what their macros say (a macro is part of no model's file).
    A version of the project that decides otherwise so tells every history anew.
-#}
{% macro consent_models_digest() -%}
    {%- set parts = [
        combinations_per_identifier(), ranks_per_identifier(), beginning_of_time(), end_of_time(),
        same_kind('a', 'b', said=''), what_events_say('a'),
        boundaries('a', 'b', 'c'), named_intervals('a', 'b', 'c', 'd'),
        newest_contacts('a', 'b'), winners('a', 'b', 'c', 'd', 'e'), rulings('a'), decisions('a'),
        spells_of_use('a'), lapses_at('a', 'b', 'c'), permissions_of('a', 'b', 'c', 'd', 'e', 'f'), closed_channels('a', 'b', 'c', 'd'),
        names_machine('a', 'b'),
    ] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- if '/consent/' in node.original_file_path -%}
                {%- do parts.append(node.name ~ node.checksum.checksum) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{- local_md5(parts | sort | join('\n')) -}}
{%- endmacro %}
