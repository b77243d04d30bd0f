with

combinations as (

    select * from {{ ref('int_consent__combinations') }}

),

purposes as (

    select purpose, is_permitted_by_contract, from {{ ref('purposes') }}

),

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}

),

daily_changes as (

    select * from {{ ref('int_oversight__daily_changes') }}

),

days as (

    select cast(unnest(generate_series({{ coverage_starts_at() }}, {{ as_of() }}, interval 1 day)) as date) as day,

),

-- when each person was first seen; one who is known today was by today
people as (

    select greatest(least(min(first_seen_at), {{ as_of() }}), {{ coverage_starts_at() }}) as known_since,
    from person_identifiers
    group by person_id

),

arrivals as (

    select cast(known_since as date) as day, count(*) as known, from people
    group by cast(known_since as date)

),

known as (

    select days.day, cast(sum(coalesce(arrivals.known, 0)) over (order by days.day) as bigint) as people_known,
    from days
    left join arrivals on days.day = arrivals.day

),

-- changes of a day added up from the first day on
running as (

    select
        combinations.combination_id,
        known.day,
        known.people_known,
        coalesce(sum(daily_changes.asked) over history, 0) as asked,
        coalesce(sum(daily_changes.permitted) over history, 0) as permitted,
        coalesce(sum(daily_changes.expiring) over history, 0) as expiring,
        coalesce(sum(daily_changes.denied) over history, 0) as denied,
    from combinations
    cross join known
    left join daily_changes
        on combinations.combination_id = daily_changes.combination_id and known.day = daily_changes.day
    window history as (partition by combinations.combination_id order by known.day)

),

covered as (

    select
        combinations.purpose,
        combinations.channel,
        combinations.recipient,
        running.day,
        running.people_known,
        cast(running.asked as bigint) as people_asked,
        -- what the contract permits needs no yes
        cast(
            case
                when purposes.is_permitted_by_contract then running.people_known - running.denied
                else running.permitted
            end as bigint
        ) as people_permitted,
        cast(case when purposes.is_permitted_by_contract then 0 else running.expiring end as bigint) as people_expiring,
    from running
    inner join combinations on running.combination_id = combinations.combination_id
    left join purposes on combinations.purpose = purposes.purpose

)

select * from covered
order by purpose, channel nulls first, recipient nulls first, day
