with

orders as (

    select
        *,
        {{ record_key('orders', ['source', 'order_id']) }} as record_key,
    from {{ ref('stg_shop__orders') }}

),

statuses as (

    select * from {{ ref('order_statuses') }}

),

season_months as (

    select * from {{ ref('season_months') }}

),

southern_countries as (

    select * from {{ ref('southern_countries') }}

),

person_records as (

    select record_key, person_id from {{ ref('int_identity__person_records') }}
    where entity = 'orders'

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}

),

-- An order is a record like any other: identity decided whose it is. It is shown for a person whose data may serve the
-- contract, else for nobody. A status that nobody declared is no sale. The season is that of the day where the buyer is; an
-- unknown country counts as northern.
attributed as (

    select
        orders.source,
        orders.order_id,
        if(person_uses.may_serve, person_records.person_id, null) as person_id,
        case
            when person_uses.may_serve then null
            when person_records.person_id is not null then coalesce(person_uses.service_reason, 'no permission known')
            when coalesce(orders.crm_key, orders.email_key, orders.phone_key) is not null
                then 'identifier belongs to no single person'
            else 'anonymous order'
        end as person_masked_reason,
        orders.status,
        if(orders.status is not null and statuses.status is null, 'unknown_status', statuses.label) as label,
        orders.currency,
        orders.country,
        season_months.season as order_season,
        orders.total,
        orders.ordered_at,
    from orders
    left join southern_countries on orders.country = southern_countries.country
    left join season_months
        on month(orders.ordered_at) = season_months.month
        and season_months.hemisphere = if(southern_countries.country is null, 'north', 'south')
    left join statuses on translate(lower(trim(orders.status)), ' -', '__') = statuses.status
    left join person_records on orders.record_key = person_records.record_key
    left join person_uses on person_records.person_id = person_uses.person_id

)

select * from attributed
