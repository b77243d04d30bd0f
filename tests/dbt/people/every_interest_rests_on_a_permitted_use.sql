{{ config(meta={'dagster': {'ref': {'name': 'person_interests'}}}) }}

-- Rows of one mart need different uses, and its label names only what all need: this law holds the rest.
with permitted as (

    select person_id, list(purpose) filter (is_permitted) as uses,
    from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null
    group by person_id

),

shown as (

    select
        interests.person_id,
        interests.interest_id,
        interests.origin,
        list_has_all(
            coalesce(permitted.uses, []),
            case interests.origin
                when 'declared' then ['service', 'enrichment.interests']
                when 'inferred' then ['service', 'enrichment.interests', 'enrichment.social']
                else ['service', 'enrichment.interests', 'analytics.behaviour']
            end
        ) as is_permitted,
    from {{ ref('person_interests') }} as interests
    left join permitted on interests.person_id = permitted.person_id

)

select * from shown
where not is_permitted
