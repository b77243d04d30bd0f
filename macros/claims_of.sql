{#- One row per record and identifier it names, by key. Args: mentions, records, identifiers: relations of one extent. -#}
{% macro claims_of(mentions, records, identifiers) -%}
    select
        records.record_key,
        records.entity,
        records.source,
        identifiers.identifier_key,
        identifiers.identifier_kind,
        split_part(identifiers.identifier_kind, ':', 1) as kind_family,
        records.identifier_set,
        records.name_number,
        records.birth_date,
        records.first_seen_at,
        records.record_number,
        identifiers.identifier_number,
    from {{ mentions }} as mentions
    inner join {{ records }} as records on mentions.record_number = records.record_number
    inner join {{ identifiers }} as identifiers on mentions.identifier_number = identifiers.identifier_number
{%- endmacro %}
