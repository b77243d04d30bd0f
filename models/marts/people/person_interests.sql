with person_interests as (

    select * exclude (basis) from {{ ref('int_profile__person_interests') }}

)

select * from person_interests
