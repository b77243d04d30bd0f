{#-
    Every no that is in force at moment T or begins later and is known at moment K: what travels over links.
    Args: as `permission_at`.
-#}
{% macro denials_at(moment, known) -%}
(
    with intervals as (

        select * from {{ ref('int_consent__intervals') }}

    ),

    tombstones as (

        select * from {{ ref('stg_consent__tombstones') }}

    ),

    combinations as (

        select * from {{ ref('int_consent__combinations') }}

    ),

    -- a no that is in force at the moment, or that is to come and is known already; a birthday to come is none: until
    -- then a guardian's yes stands
    standing as (

        select
            identifier_key,
            controller,
            purpose,
            channel,
            recipient,
            state,
            rule_id,
            reason,
            winning_event_id,
            valid_from,
        from intervals
        where
            controller = {{ own_controller() }}
            and holds_negative
            and rule_id <> 'R1'
            and (rule_id <> 'R5' or valid_from <= {{ moment }})
            and {{ moment }} < valid_to
            and known_from <= {{ known }} and {{ known }} < known_to
        qualify row_number() over (
            partition by identifier_key, controller, purpose, channel, recipient
            order by valid_from
        ) = 1

    ),

    -- an erased identifier is refused everything, also what no event of its own was about
    erased as (

        select
            tombstones.identifier_key,
            cast(null as varchar) as controller,
            combinations.purpose,
            combinations.channel,
            combinations.recipient,
            'erased' as state,
            'R1' as rule_id,
            'tombstone' as reason,
            cast(null as varchar) as winning_event_id,
            {{ beginning_of_time() }} as valid_from,
        from tombstones
        cross join combinations
        where tombstones.erased_at <= {{ known }}
        group by all

    ),

    unioned as (

        select * from standing
        union all
        select * from erased

    )

    select * from unioned
)
{%- endmacro %}
