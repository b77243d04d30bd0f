with declared_interests as (

    select * from {{ source('raw', 'declared_interests') }}
    where declared_at <= {{ as_of() }}

),

-- what is told to a source again replaces all that was told to it before
newest as (

    select * from declared_interests
    qualify row_number() over (
        partition by source, identifier_key
        order by declared_at desc, loaded_at desc, file_id desc, line_number desc
    ) = 1

),

listed as (

    select source, identifier_key, unnest(interests) as interest_id, 1 as polarity, declared_at, loaded_at from newest
    union all
    select source, identifier_key, unnest(dislikes), -1, declared_at, loaded_at from newest

),

-- who ticks both has said neither
plain as (

    select
        source,
        identifier_key,
        interest_id,
        any_value(polarity) as polarity,
        declared_at,
        loaded_at,
    from listed
    group by source, identifier_key, interest_id, declared_at, loaded_at
    having count(*) = 1

)

select * from plain
