{{ built_after(['int_behaviour__web_rules']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_rules'},
    pre_hook=["{{ note_web_people() }}", "{{ forget_web_visits() }}"], post_hook="{{ note_web_people() }}",
) }}
with

sessions as (

    select session_id, linked_person_id, bot_reason is not null as is_bot from {{ ref('int_behaviour__sessions') }}
    where {{ only_told_visits('session_id') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}

),

-- The use gate of web behaviour: joining a visit to a person is linking, looking at it is analysis; both are needed.
gated as (

    select
        sessions.session_id,
        if(
            person_uses.may_analyse and person_uses.may_link and not sessions.is_bot, sessions.linked_person_id, null
        ) as person_id,
        case
            when sessions.linked_person_id is null then 'anonymous visit'
            when sessions.is_bot then 'automated visit'
            when person_uses.person_id is null then 'no permission known'
            when not person_uses.may_analyse then 'analytics.behaviour: ' || person_uses.analysis_reason
            when not person_uses.may_link then 'identity.linking: ' || person_uses.linking_reason
        end as person_masked_reason,
    from sessions
    left join person_uses on sessions.linked_person_id = person_uses.person_id

)

select * from gated
