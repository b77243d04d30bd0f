{{ config(meta={'dagster': {'ref': {'name': 'customer_profile'}}}) }}

-- Written against the permissions themselves, not against the flags the profile is built from: one wrong flag once opened the
-- site group to everybody who permitted analysis. Every group is shown exactly to those who permit all its uses.
with permitted as (

    select person_id, list(purpose) filter (is_permitted) as uses,
    from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null
    group by person_id

),

shown as (

    select
        profile.person_id,
        shown_group.purposes,
        shown_group.is_shown,
        shown_group.has_reason,
        list_has_all(coalesce(permitted.uses, []), shown_group.purposes) as is_permitted,
    from {{ ref('customer_profile') }} as profile
    left join permitted on profile.person_id = permitted.person_id
    cross join unnest([
        {'purposes': ['service'], 'is_shown': coalesce(country, language) is not null, 'has_reason': contact_masked_reason is not null},
        {'purposes': ['service'], 'is_shown': first_seen_at is not null, 'has_reason': contact_masked_reason is not null},
        {'purposes': ['service'], 'is_shown': orders is not null, 'has_reason': orders_masked_reason is not null},
        {'purposes': ['service'], 'is_shown': mails_sent is not null, 'has_reason': mail_masked_reason is not null},
        {'purposes': ['service', 'analytics.behaviour'], 'is_shown': coalesce(cast(birth_year as varchar), age_band) is not null,
         'has_reason': demographics_masked_reason is not null},
        {'purposes': ['service'], 'is_shown': coalesce(conversations, open_conversations) is not null,
         'has_reason': conversations_masked_reason is not null},
        {'purposes': ['service', 'analytics.behaviour', 'identity.linking'],
         'is_shown': coalesce(funnel_stage, cast(funnel_stage_since as varchar)) is not null,
         'has_reason': funnel_masked_reason is not null},
        {'purposes': ['service', 'analytics.behaviour'],
         'is_shown': coalesce(cast(expected_next_order_at as varchar), no_expectation_reason) is not null,
         'has_reason': prediction_masked_reason is not null},
        {'purposes': ['service', 'analytics.behaviour'], 'is_shown': mails_opened is not null or last_engaged_at is not null,
         'has_reason': engagement_masked_reason is not null},
        {'purposes': ['service', 'analytics.behaviour', 'identity.linking'], 'is_shown': sessions is not null or page_views is not null,
         'has_reason': web_masked_reason is not null},
        {'purposes': ['service', 'analytics.behaviour'], 'is_shown': shares is not null or ambassador_score is not null,
         'has_reason': sharing_masked_reason is not null},
        {'purposes': ['service', 'enrichment.social'], 'is_shown': handles is not null or posts is not null,
         'has_reason': social_masked_reason is not null},
        {'purposes': ['service', 'enrichment.interests'], 'is_shown': interests is not null,
         'has_reason': interests_masked_reason is not null},
    ]) as groups (shown_group)

)

select * from shown
where (is_shown and not is_permitted) or has_reason = is_permitted
