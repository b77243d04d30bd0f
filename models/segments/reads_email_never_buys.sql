with buyers as (

    select person_id
    from {{ ref('order_facts') }}
    where person_id is not null and is_sale

),

readers as (

    select person_id
    from {{ ref('email_engagement') }}
    where opens + clicks >= 3

)

select readers.person_id
from readers
anti join buyers on readers.person_id = buyers.person_id
