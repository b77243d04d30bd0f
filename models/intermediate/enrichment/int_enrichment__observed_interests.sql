with

visits as (

    select session_id, person_id from {{ ref('int_behaviour__session_persons') }}
    where person_id is not null

),

clicks as (

    select session_id, page_id, occurred_at from {{ ref('int_behaviour__clicks') }}

),

pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

email_events as (

    select * from {{ ref('int_behaviour__email_events') }}
    where event_type = 'click' and not is_machine and not is_withheld and linked_person_id is not null

),

order_lines as (

    select * from {{ ref('int_behaviour__order_lines') }}
    where is_sale and person_id is not null

),

products as (

    select * from {{ ref('int_behaviour__products') }}

),

category_interests as (

    select * from {{ ref('category_interests') }}

),

weights as (

    select * from {{ ref('interest_weights') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}
    where may_analyse

),

withheld_identifiers as (

    select identifier_key, person_id from {{ ref('int_identity__withheld_identifiers') }}
    where purpose = 'enrichment.interests'

),

withheld_records as (

    select person_id, record_key from {{ ref('int_identity__withheld_records') }}
    where purpose in ('analytics.behaviour', 'enrichment.interests')
    group by all

),

-- a visit does not say by which login it is known: where one may not be used, none is
withheld_visitors as (

    select person_id from {{ ref('int_identity__withheld_records') }}
    semi join (select record_key from {{ ref('int_identity__person_records') }} where entity = 'page_views') using (record_key)
    where purpose = 'enrichment.interests'
    group by person_id

),

-- What each page, topic and product says about its reader; the map is an allow-list, unmapped words say nothing.
page_interests as (

    select
        pages.page_id,
        category_interests.interest_id,
    from pages
    inner join category_interests
        on pages.category = category_interests.category or pages.product_type = category_interests.category
    group by all

),

product_interests as (

    select
        products.product_id,
        any_value(products.product_name) as product_name,
        category_interests.interest_id,
    from products
    inner join category_interests
        on category_interests.category in (products.category, products.subcategory, products.product_type)
    group by products.product_id, category_interests.interest_id

),

-- One row per person, interest, kind of evidence and day: a burst of clicks on one day is one interest.
evidence as (

    select
        visits.person_id,
        page_interests.interest_id,
        'page_view' as evidence,
        cast(clicks.occurred_at as date) as observed_on,
        null as product_name,
        count(*) as evidence_count,
        max(clicks.occurred_at) as last_observed_at,
    from clicks
    inner join page_interests on clicks.page_id = page_interests.page_id
    inner join visits on clicks.session_id = visits.session_id
    anti join withheld_visitors on visits.person_id = withheld_visitors.person_id
    group by all

    union all

    select
        email_events.linked_person_id,
        category_interests.interest_id,
        'email_click',
        cast(email_events.occurred_at as date),
        null,
        count(*),
        max(email_events.occurred_at),
    from email_events
    inner join category_interests on email_events.topic = category_interests.category
    anti join withheld_identifiers
        on email_events.email_key = withheld_identifiers.identifier_key
        and email_events.linked_person_id = withheld_identifiers.person_id
    group by all

    union all

    select
        order_lines.person_id,
        product_interests.interest_id,
        'purchase',
        cast(order_lines.ordered_at as date),
        product_interests.product_name,
        count(*),
        max(order_lines.ordered_at),
    from order_lines
    inner join product_interests on order_lines.product_id = product_interests.product_id
    anti join withheld_records
        on {{ record_key('orders', ['order_lines.source', 'order_lines.order_id']) }} = withheld_records.record_key
    group by all

),

-- Old evidence fades by its own half-life; each kind is capped, so that no kind can outshout the others.
parts as (

    select
        evidence.person_id,
        evidence.interest_id,
        evidence.evidence,
        round(least(
            sum(
                evidence.evidence_count
                * pow(0.5, date_diff('day', evidence.observed_on, {{ as_of() }}) / weights.half_life_days)
            ),
            any_value(weights.cap)
        ) * any_value(weights.weight), 4) as part,
        cast(sum(evidence.evidence_count) as bigint) as evidence_count,
        max(evidence.last_observed_at) as last_observed_at,
        list(distinct evidence.product_name order by evidence.product_name) as product_names,
    from evidence
    inner join weights on evidence.evidence = weights.evidence
    inner join person_uses on evidence.person_id = person_uses.person_id
    group by evidence.person_id, evidence.interest_id, evidence.evidence

),

-- The score approaches 1 and is the sum of its parts before that, so that it can be explained.
scored as (

    select
        person_id,
        interest_id,
        round(1 - exp(-sum(part) / {{ var('interest_score_scale') }}), 4) as score,
        coalesce(sum(part) filter (evidence = 'page_view'), 0) as page_part,
        coalesce(sum(part) filter (evidence = 'email_click'), 0) as email_part,
        coalesce(sum(part) filter (evidence = 'purchase'), 0) as purchase_part,
        coalesce(cast(sum(evidence_count) filter (evidence = 'page_view') as bigint), 0) as page_views,
        coalesce(cast(sum(evidence_count) filter (evidence = 'email_click') as bigint), 0) as email_clicks,
        coalesce(cast(sum(evidence_count) filter (evidence = 'purchase') as bigint), 0) as purchases,
        cast(sum(evidence_count) as bigint) as evidence_count,
        any_value(product_names) filter (evidence = 'purchase') as product_names,
        max(last_observed_at) as last_observed_at,
    from parts
    group by person_id, interest_id

),

explained as (

    select
        *,
        concat_ws(
            ', ',
            {{ counted('page_views', 'page view') }},
            {{ counted('email_clicks', 'click') }},
            if(
                len(product_names) > 0,
                'bought ' || array_to_string(product_names[:2], ', ')
                    || if(len(product_names) > 2, ' and ' || (len(product_names) - 2) || ' more', ''),
                {{ counted('purchases', 'purchase') }}
            )
        ) as basis,
    from scored

)

select * from explained
