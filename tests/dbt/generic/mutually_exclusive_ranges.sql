{#- Within a partition every range ends after it begins and no later than the next one begins. -#}
{% test mutually_exclusive_ranges(model, partition_by, lower, upper) %}

with ranges as (

    select
        {{ partition_by | join(', ') }},
        {{ lower }} as lower_bound,
        {{ upper }} as upper_bound,
        lead({{ lower }}) over (partition by {{ partition_by | join(', ') }} order by {{ lower }}) as next_lower_bound,
    from {{ model }}

)

select * from ranges
where not coalesce(lower_bound < upper_bound and upper_bound <= coalesce(next_lower_bound, upper_bound), false)

{% endtest %}
