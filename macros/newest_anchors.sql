{#-
    The record that each person stands on: of the few that stood on several the newest.
    Args: persons: a relation with one row per person and record that it stood on.
-#}
{% macro newest_anchors(persons) -%}
    (
        select anchors.* from {{ persons }} as anchors
        anti join (
            select person_id, anchored_at from {{ persons }}
            where drawn_at < anchored_at
        ) as later
            on anchors.person_id = later.person_id and anchors.anchored_at < later.anchored_at
    )
{%- endmacro %}
