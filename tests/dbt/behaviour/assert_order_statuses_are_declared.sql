-- An order whose status seeds/order_statuses.csv does not list is no sale: revenue may be missing until somebody says what the
-- status means.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'order_facts'}}}) }}

select status, count(*) as lines from {{ ref('order_facts') }}
where label = 'unknown_status'
group by status
