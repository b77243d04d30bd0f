{#- Forgets whose a record was once that it moved is told, and records that are gone: what was erased leaves no trace. -#}
{% macro forget_told_moves() -%}
    delete from {{ ref('int_identity__record_people') }} as told
    where
        told.person_id is null
        or exists (
            select 1 from {{ ref('int_identity__record_people') }} as later
            where told.record_key = later.record_key
                and (told.as_of, told.recorded_at) < (later.as_of, later.recorded_at)
        )
{%- endmacro %}
