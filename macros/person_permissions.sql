{#-
    What a person may be used for, per purpose of use: one identifier that permits and none that denies.
    Args: permissions and denials: relations, both of one (T, K).
-#}
{% macro person_permissions(permissions, denials) -%}
(
    with identifiers as (

        select * from {{ ref('int_identity__person_links') }}

    ),

    persons as (

        select person_id from identifiers
        group by person_id

    ),

    purposes as (

        select * from {{ ref('purposes') }}
        where kind = 'use' and not coalesce(requires_explicit, false)

    ),

    permissions as (

        select * from {{ permissions }}
        where recipient is null and controller = {{ own_controller() }}

    ),

    denials as (

        select * from {{ denials }}
        where recipient is null

    ),

    -- What each identifier of a person says: a no of any, now or known to come, outweighs every yes. A no travels over every
    -- link; a yes counts from the person's own identifiers that are nobody else's.
    said as (

        select
            identifiers.person_id,
            identifiers.identifier_key,
            denials.purpose,
            0 as weight,
            false as is_permitted,
            denials.state,
            denials.rule_id,
            denials.reason,
            denials.winning_event_id,
        from identifiers
        inner join denials
            on identifiers.identifier_key = denials.identifier_key

        union all

        select
            identifiers.person_id,
            identifiers.identifier_key,
            permissions.purpose,
            case when permissions.is_permitted then 1 else 2 end,
            permissions.is_permitted,
            permissions.state,
            permissions.rule_id,
            permissions.reason,
            permissions.winning_event_id,
        from identifiers
        inner join permissions
            on identifiers.identifier_key = permissions.identifier_key
        where identifiers.may_grant

    ),

    decisive as (

        select * from said
        qualify row_number() over (
            partition by person_id, purpose
            order by weight, rule_id, winning_event_id, identifier_key
        ) = 1

    ),

    -- silence is an answer too: one row per person and purpose; a contract speaks where nobody did
    answered as (

        select
            persons.person_id,
            purposes.purpose,
            cast(null as varchar) as channel,
            cast(null as varchar) as recipient,
            case
                when decisive.weight = 0 then false
                when purposes.is_permitted_by_contract then true
                when decisive.is_permitted then true
                else false
            end as is_permitted,
            case
                when decisive.weight = 0 then decisive.state
                when purposes.is_permitted_by_contract then 'contract'
                else coalesce(decisive.state, 'unknown')
            end as state,
            case
                when decisive.weight = 0 then decisive.rule_id
                when purposes.is_permitted_by_contract then 'R12'
                else coalesce(decisive.rule_id, 'R13')
            end as rule_id,
            case
                when decisive.weight = 0 then decisive.reason
                when purposes.is_permitted_by_contract then 'contract'
                else coalesce(decisive.reason, 'silence')
            end as reason,
            case when decisive.weight = 0 or not purposes.is_permitted_by_contract then decisive.winning_event_id end
                as winning_event_id,
        from persons
        cross join purposes
        left join decisive
            on persons.person_id = decisive.person_id and purposes.purpose = decisive.purpose

    )

    select * from answered
)
{%- endmacro %}
