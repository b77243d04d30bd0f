with

versions as (

    {% for segment in var('segments') -%}
    select '{{ segment }}' as segment, '{{ segment_checksum(segment) | trim }}' as sql_checksum
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from versions
