-- A missing person without a reason cannot be explained, and a reason beside a person is a leak.
{{ config(meta={'dagster': {'ref': {'name': 'web_sessions'}}}) }}

select 'order_facts' as mart, order_line_key as key from {{ ref('order_facts') }}
where (person_id is null) <> (person_masked_reason is not null)
union all
select 'web_sessions', session_key from {{ ref('web_sessions') }}
where (person_id is null) <> (person_masked_reason is not null)
union all
select 'web_goals', goal_key from {{ ref('web_goals') }}
where (person_id is null) <> (person_masked_reason is not null)
union all
select 'service_conversations', conversation_key from {{ ref('service_conversations') }}
where (person_id is null) <> (person_masked_reason is not null)
union all
select 'email_engagement', cast(person_id as varchar) from {{ ref('email_engagement') }}
where (opens is null) <> (engagement_masked_reason is not null)
