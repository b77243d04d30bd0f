{#- Digest of the SQL that tells events of mail, and of its options: as web_models_digest. -#}
{% macro mail_models_digest() -%}
    {%- set parts = [names_machine('a', 'b'), url_path('a'), ranked_list('a', 'b'), latest_deliveries('a', ['b'])] -%}
    {%- for option in ['email_scanner_seconds', 'email_scanner_links'] -%}
        {%- do parts.append(option ~ var(option)) -%}
    {%- endfor -%}
    {%- set models = [
        'stg_email__events', 'int_behaviour__mailboxes', 'int_behaviour__email_events', 'int_behaviour__person_mails',
    ] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name in models -%}
            {%- do parts.append(node.name ~ node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- local_md5(parts | sort | join('\n')) -}}
{%- endmacro %}
