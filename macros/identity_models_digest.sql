{#-
    Digest of the SQL that says who is one person: the models, and what their macros say. A version of the project that
    decides otherwise so tells everybody anew.
-#}
{% macro identity_models_digest() -%}
    {%- set parts = [
        could_be_one_person('a', 'b', 'c'), people_of_groups('a'), mentions_of('a'), claims_of('a', 'b', 'c'),
        newest_contacts('a', 'b'), contact_versions('a'), newest_version_first('a'),
        latest_deliveries('a', ['b']), newest_profiles('a'), latest_conversations('a'), latest_shares('a'), first_declarations('a'), entity_versions('orders', 'a'),
        key_number('a', 'b'), part_number(['a']),
        record_key('a', ['b']), own_controller(), contract_edges('a', 0), expand_components('a', 0),
        settle_components('a', 'b', 'c', 'd'),
    ] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- if '/identity/' in node.original_file_path -%}
                {%- do parts.append(node.name ~ node.checksum.checksum) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{- local_md5(parts | sort | join('\n') | replace(as_of(), '')) -}}
{%- endmacro %}
