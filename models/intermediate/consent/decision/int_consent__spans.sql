with decisions as (

    select * from {{ ref('int_consent__decisions') }}

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
    from decisions
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
