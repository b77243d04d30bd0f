with acts as (

    select * from {{ ref('int_consent__acts') }}

),

facts as (

    select * from {{ ref('int_consent__facts') }}

),

-- what was known when: a key's history is told anew at every moment at which something about it was loaded
loads as (

    select key_number, known_from from acts
    union
    select key_number, known_from from facts
    union
    select key_number, known_to from facts where known_to < {{ end_of_time() }}
    union
    select key_number, unnest(notice_changes).known_from from acts where notice_changes is not null

),

versions as (

    select
        key_number,
        known_from,
        lead(known_from, 1, {{ end_of_time() }}) over (partition by key_number order by known_from) as known_to,
    from loads

)

select * from versions
