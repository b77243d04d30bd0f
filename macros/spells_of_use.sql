{#-
    Spells of use: one goes on as long as each use comes before the one before it has lapsed.
    Args: proofs: a relation as int_consent__proofs_of_use.
-#}
{% macro spells_of_use(proofs) -%}
(
    with spaced as (

        select
            *,
            coalesce(
                occurred_at >= lag(occurred_at) over spell + to_days(lapse_after_unused_days), true
            ) as is_first,
        from {{ proofs }}
        window spell as (partition by identifier_number, purpose, channel order by occurred_at)

    ),

    numbered as (

        select
            *,
            count(*) filter (where is_first) over (
                partition by identifier_number, purpose, channel order by occurred_at
            ) as spell_number,
        from spaced

    )

    -- the last use of a spell is the one before the next spell's first
    select
        identifier_number,
        purpose,
        channel,
        spell_number,
        min(occurred_at) as first_used_at,
        max(occurred_at) as last_used_at,
    from numbered
    group by identifier_number, purpose, channel, spell_number
)
{%- endmacro %}

{#- When a grant lapses: a use before it does prolongs it, one that comes after brings nothing back.
    Args: granted_at: SQL of the grant's earliest moment; spell: the spell of use that ends first after it, if any;
    days: SQL of the days without use. -#}
{% macro lapses_at(granted_at, spell, days) -%}
    case
        when {{ spell }}.first_used_at < {{ granted_at }} + to_days({{ days }}) then {{ spell }}.last_used_at
        else {{ granted_at }}
    end + to_days({{ days }})
{%- endmacro %}
