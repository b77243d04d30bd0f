-- Compiled from models/segments/_segments__models.yml (34de8eb78ad2): change it there and run samtykke segment compile.
with

visited_1 as (

    select person_id
    from {{ ref('web_sessions') }}
    where
        person_id is not null
        and not is_bot
        and len(categories) > 0
        and started_at >= {{ as_of() }} - interval 30 day
    group by person_id

),

bought_1 as (

    select person_id
    from {{ ref('order_facts') }}
    where
        person_id is not null
        and is_sale
        and ordered_at >= {{ as_of() }} - interval 30 day
    group by person_id

)

select person_id from visited_1
except
select person_id from bought_1
