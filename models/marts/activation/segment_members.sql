{#-
    Knows nothing of consent: who is in a segment. Whether they may leave is decided behind the exit gate.
    A segment's name may begin with a digit, hold a hyphen or be a word of SQL: it never stands unquoted.
-#}
with

{% for segment in var('segments') -%}
"segment {{ segment }}" as (

    select '{{ segment }}' as segment, person_id, from {{ ref(segment) }}

),

{% endfor -%}
members as (

    {% for segment in var('segments') -%}
    select * from "segment {{ segment }}"
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    segment,
    person_id,
    {{ as_of() }} as as_of,
from members
