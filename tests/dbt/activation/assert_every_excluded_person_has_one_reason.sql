-- An exclusion without a reason cannot be explained, and a reason without exclusion is a leak.
{{ config(meta={'dagster': {'ref': {'name': 'audience_members'}}}) }}

select *
from {{ ref('audience_members') }}
where included is not distinct from (reason is not null)
