with recent_buyers as (

    select person_id
    from {{ ref('order_facts') }}
    where person_id is not null and is_sale and ordered_at >= {{ as_of() }} - interval 30 day

),

recent_browsers as (

    select person_id
    from {{ ref('web_sessions') }}
    where
        person_id is not null
        and not is_bot
        and len(categories) > 0
        and started_at >= {{ as_of() }} - interval 30 day
    group by person_id

)

select recent_browsers.person_id
from recent_browsers
anti join recent_buyers on recent_browsers.person_id = recent_buyers.person_id
