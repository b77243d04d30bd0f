with

permissions as (

    select * from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null

),

-- One row per person with a flag per use; a use without a row stays forbidden.
pivoted as (

    select
        person_id,
        coalesce(bool_and(is_permitted) filter (purpose = 'service'), false) as may_serve,
        coalesce(bool_and(is_permitted) filter (purpose = 'analytics.behaviour'), false) as may_analyse,
        coalesce(bool_and(is_permitted) filter (purpose = 'identity.linking'), false) as may_link,
        coalesce(bool_and(is_permitted) filter (purpose = 'enrichment.social'), false) as may_use_social,
        coalesce(bool_and(is_permitted) filter (purpose = 'enrichment.interests'), false) as may_use_interests,
        min(reason) filter (purpose = 'service' and not is_permitted) as service_reason,
        min(reason) filter (purpose = 'analytics.behaviour' and not is_permitted) as analysis_reason,
        min(reason) filter (purpose = 'identity.linking' and not is_permitted) as linking_reason,
        min(reason) filter (purpose = 'enrichment.social' and not is_permitted) as social_reason,
        min(reason) filter (purpose = 'enrichment.interests' and not is_permitted) as interests_reason,
    from permissions
    group by person_id

)

select * from pivoted
