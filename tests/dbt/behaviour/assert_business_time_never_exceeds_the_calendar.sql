-- A desk cannot be open for longer than the time that passed, and what has not happened took no time at all.
{{ config(meta={'dagster': {'ref': {'name': 'service_conversations'}}}) }}

select conversation_key, first_response_minutes, first_response_business_minutes from {{ ref('service_conversations') }}
where
    first_response_business_minutes not between 0 and first_response_minutes
    or resolution_business_minutes not between 0 and resolution_minutes
    or first_response_minutes < 0
    or (first_response_minutes is null and first_response_business_minutes is not null)
    or (resolution_minutes is null and resolution_business_minutes is not null)
