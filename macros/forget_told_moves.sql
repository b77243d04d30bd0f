{#- Whose the records are is told up to this look; the first look of all is no news. -#}
{% macro told_moves_at() -%}
    (select coalesce(
        (select max(told_at) from {{ source('ledger', 'identity_told') }}),
        (select min(recorded_at) from {{ ref('int_identity__record_people') }})
    ))
{%- endmacro %}

{#- Forgets whose a record was once that it moved is told, and records that are gone: what was erased leaves no trace. -#}
{% macro forget_told_moves() -%}
    {%- set record_people = ref('int_identity__record_people') -%}
    delete from {{ record_people }} as told
    where
        record_key in (
            select record_key from {{ record_people }}
            where recorded_at > {{ told_moves_at() }}
        )
        and (
            told.person_id is null
            or exists (
                select 1 from {{ record_people }} as later
                where told.record_key = later.record_key
                    and (told.as_of, told.recorded_at) < (later.as_of, later.recorded_at)
            )
        )
{%- endmacro %}

{#- Notes up to when it is told what became of people (ledger.identity_told): the next build tells what it finds later. -#}
{% macro note_told_moves() -%}
    delete from {{ source('ledger', 'identity_told') }};
    insert into {{ source('ledger', 'identity_told') }}
    values (timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}')
{%- endmacro %}
