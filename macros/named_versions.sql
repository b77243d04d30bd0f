{#- The deliveries of the records whose identifiers ever changed, number 1 the newest: what an earlier one named still counts
    for a no. Repeats are rare: keys are counted before anything is compared.
    Args: relation; key: columns that name a record; identifiers: columns; happened_at: the record's own moment;
    newest_first: a total order of its deliveries. -#}
{% macro named_versions(relation, key, identifiers, happened_at, newest_first) -%}
(
    with repeated as (

        select * from {{ relation }}
        semi join (select {{ key | join(', ') }} from {{ relation }} group by all having count(*) > 1) as keys
            using ({{ key | join(', ') }})
        where {{ happened_at }} <= {{ as_of() }}

    ),

    changed as (

        select {{ key | join(', ') }} from repeated
        group by all
        having
            {%- for identifier in identifiers %}
            min({{ identifier }}) <> max({{ identifier }}) or count({{ identifier }}) not in (0, count(*))
            {%- if not loop.last %} or {% endif %}
            {%- endfor %}

    ),

    numbered as (

        select
            repeated.*,
            row_number() over (partition by {{ key | join(', ') }} order by {{ newest_first }}) as version_number,
        from repeated
        semi join changed using ({{ key | join(', ') }})

    )

    select * from numbered
)
{%- endmacro %}

{#- The same of what a landing entity delivers. Args: entity: orders, conversations, social_profiles or shares; relation. -#}
{% macro entity_versions(entity, relation) -%}
    {%- set as_loaded = 'loaded_at desc, file_id desc, line_number desc' -%}
    {%- set key, identifiers, happened_at, newest_first = {
        'orders': (['source', 'order_id'], ['crm_key', 'email_key', 'phone_key'], 'ordered_at', as_loaded),
        'conversations': (['source', 'conversation_id'], ['identifier_key'], 'opened_at', as_loaded),
        'social_profiles': (
            ['record_key'], ['crm_key', 'email_key', 'phone_key'], 'observed_at', newest_version_first('observed_at')),
        'shares': (['share_id'], ['identifier_key'], 'created_at', as_loaded),
    }[entity] -%}
    {{- named_versions(relation, key=key, identifiers=identifiers, happened_at=happened_at, newest_first=newest_first) -}}
{%- endmacro %}
