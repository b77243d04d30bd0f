{{ config(meta={'dagster': {'ref': {'name': 'profile_attribute_values'}}}) }}

-- What is shown and what is said to have won come by two ways: whoever asks why must not be told of another value.
with shown as (

    select person_id, unnest([
        {'attribute': 'country', 'value': country},
        {'attribute': 'language', 'value': language},
        {'attribute': 'birth_year', 'value': cast(birth_year as varchar)},
    ], recursive := true),
    from {{ ref('customer_profile') }}

),

won as (

    select person_id, attribute, value, from {{ ref('profile_attribute_values') }}
    where place = 1

)

select person_id, attribute,
from (select * from shown where value is not null) as shown
full join won using (person_id, attribute)
where shown.value is distinct from won.value
