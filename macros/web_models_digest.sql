{#-
    Digest of the SQL that tells visits, of its options and of the engine whose hashes name visitors, pages and visits.
    A version of the project that tells them otherwise tells every visit anew.
-#}
{% macro web_models_digest() -%}
    {%- set parts = [
        url_host('a'), url_path('a'), url_parameter('a', 'b'), words('a'), words_and_pairs('a'), ranked_list('a', 'b'),
        campaign_of('a'), shown_products('a'),
    ] -%}
    {%- for option in [
        'session_gap_minutes', 'session_splits_at_midnight', 'session_splits_on_campaign', 'bot_minimum_page_views',
        'bot_page_views_per_second', 'email_scanner_seconds',
    ] -%}
        {%- do parts.append(option ~ var(option)) -%}
    {%- endfor -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and 'web_days' in node.tags -%}
            {%- do parts.append(node.name ~ node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- local_md5(parts | sort | join('\n')) -}}
{%- endmacro %}
