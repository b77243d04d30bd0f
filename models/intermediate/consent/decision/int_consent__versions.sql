{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_changed('key_number // ' ~ combinations_per_identifier()) }}") }}

with acts as (

    select * from {{ ref('int_consent__acts') }}
    where {{ only_changed('identifier_number') }}

),

facts as (

    select * from {{ ref('int_consent__facts') }}
    where {{ only_changed('identifier_number') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}

),

notice_changes as (

    select * from {{ ref('int_consent__notice_changes') }}

),

-- what was known when: a key's history is told anew at every moment at which something about it was loaded
loads as (

    select key_number, known_from from acts
    union
    select key_number, known_from from facts
    union
    select key_number, known_to from facts where known_to < {{ end_of_time() }}
    union
    select
        acts.key_number,
        greatest(acts.known_from, notice_changes.known_from),
    from acts
    inner join kinds
        on acts.kind_id = kinds.kind_id
    inner join notice_changes
        on
            kinds.notice_id = notice_changes.notice_id
            and kinds.notice_version = notice_changes.notice_version
            and kinds.notice_locale = notice_changes.notice_locale
    where acts.effect = 'positive'

),

versions as (

    select
        key_number,
        known_from,
        lead(known_from, 1, {{ end_of_time() }}) over (partition by key_number order by known_from) as known_to,
    from loads

)

select * from versions
