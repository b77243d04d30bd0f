-- A year without any holiday of a desk's country was never filled in: business hours would count its holidays as open.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'service_conversations'}}}) }}

select conversations.desk_country, year(conversations.opened_at) as missing_year
from {{ ref('service_conversations') }} as conversations
inner join {{ ref('opening_hours') }} as opening_hours on conversations.desk_country = opening_hours.country
where not exists (
    select 1 from {{ ref('holidays') }} as holidays
    where holidays.country = conversations.desk_country and year(holidays.holiday) = year(conversations.opened_at)
)
group by conversations.desk_country, year(conversations.opened_at)
