-- A rate that fell, or is low although the list is fresh, is worth a look; it stops nothing.
{{ config(severity='warn', tags=['after_export'], meta={'dagster': {'ref': {'name': 'match_rates'}}}) }}

select recipient, audience, report_date, status
from {{ ref('match_rates') }}
where is_latest and status in ('dropped', 'low_though_fresh')
