{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_changed('key_number // ' ~ combinations_per_identifier()) }}") }}

-- told as int_consent__boundaries, winners and rulings tell everything, but only of what has changed
with changed_versions as (

    select * from {{ ref('int_consent__versions') }}
    where {{ only_changed('key_number // ' ~ combinations_per_identifier()) }}

),

changed_acts as (

    select * from {{ ref('int_consent__acts') }}
    where {{ only_changed('identifier_number') }}

),

changed_facts as (

    select * from {{ ref('int_consent__facts') }}
    where {{ only_changed('identifier_number') }}

),

changed_events as (

    select * from {{ ref('int_consent__ranked_events') }}
    where {{ only_changed('identifier_number') }}

),

changed_whole_keys as (

    select * from {{ ref('int_consent__whole_key') }}
    where {{ only_changed('key_number // ' ~ combinations_per_identifier()) }}

),

stretches as (

    select * from {{ boundaries('changed_versions', 'changed_acts', 'changed_facts') }}

),

weighed as (

    select * from {{ winners(
        'stretches', 'changed_whole_keys', 'changed_events',
        ref('int_consent__event_kinds'), ref('int_consent__notice_changes'),
    ) }}

),

ruled as (

    select * from {{ rulings('weighed') }}

),

decided as (

    select * from {{ decisions('ruled') }}

),

-- neighbours that say the same are one interval
marked as (

    select
        *,
        coalesce(
            rule_id = lag(rule_id) over history
            and holds_negative = lag(holds_negative) over history
            and winning_rank is not distinct from lag(winning_rank) over history
            and expires_at is not distinct from lag(expires_at) over history,
            false
        ) as is_repeated,
    from decided
    window history as (partition by key_number, known_from order by valid_from)

),

merged as (

    select
        * exclude (is_repeated),
        lead(valid_from, 1, {{ end_of_time() }}) over (
            partition by key_number, known_from order by valid_from
        ) as valid_to,
    from marked
    where not is_repeated

)

select * from merged
