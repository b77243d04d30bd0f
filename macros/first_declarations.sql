{#- Who told a source what they like, and since when. Args: declared_interests: relation as raw.declared_interests. -#}
{% macro first_declarations(declared_interests) -%}
    select
        source,
        identifier_kind,
        identifier_key,
        min(declared_at) as first_seen_at,
    from {{ declared_interests }}
    where declared_at <= {{ as_of() }}
    group by source, identifier_kind, identifier_key
{%- endmacro %}
