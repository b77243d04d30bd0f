with contact_touches as (

    select * from {{ ref('int_profile__contact_touches') }}
    where kind in ('contact_created', 'conversation')

),

order_lines as (

    select * from {{ ref('int_behaviour__order_lines') }}
    where is_sale and person_id is not null

),

email_events as (

    select * from {{ ref('int_behaviour__email_events') }}
    where linked_person_id is not null and not is_machine and not is_withheld

),

shares as (

    select * from {{ ref('int_behaviour__shares') }}
    where linked_person_id is not null

),

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

),

goals_reached as (

    select * from {{ ref('int_behaviour__goals_reached') }}

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}
    where person_id is not null

),

touch_kinds as (

    select * from {{ ref('touch_kinds') }}
    where is_signal

),

gates as (

    select * from {{ ref('int_profile__gates') }}
    where may_watch

),

-- a stage tells of behaviour: what may not be used for that is no sign of it
withheld_records as (

    select record_key from {{ ref('int_identity__withheld_records') }}
    where purpose in ('analytics.behaviour', 'identity.linking')
    group by record_key

),

-- A cancelled order is no purchase, and a machine's open no sign of life: sales and readers only.
touches as (

    select person_id, kind, occurred_at from contact_touches
    anti join withheld_records
        on withheld_records.record_key = if(
            kind = 'conversation', {{ record_key('conversations', ['contact_touches.source', 'reference']) }}, reference
        )

    union all

    select person_id, 'order', min(ordered_at) from order_lines
    anti join withheld_records
        on {{ record_key('orders', ['order_lines.source', 'order_lines.order_id']) }} = withheld_records.record_key
    group by person_id, source, order_id

    union all

    select linked_person_id, 'email_' || event_type, occurred_at from email_events

    union all

    select linked_person_id, 'share', created_at from shares

    union all

    select session_persons.person_id, 'visit', sessions.started_at
    from sessions
    inner join session_persons on sessions.session_id = session_persons.session_id

    union all

    select session_persons.person_id, 'goal', goals_reached.reached_at
    from goals_reached
    inner join session_persons on goals_reached.session_id = session_persons.session_id

),

-- a visit that came as far as a product says more than a visit, and is one as well
product_visits as (

    select session_persons.person_id, sessions.started_at
    from sessions
    inner join session_persons on sessions.session_id = session_persons.session_id
    where sessions.furthest_step <> 'browse'

),

-- Every touch of a declared kind is a signal of that name, and one of any kind.
signals as (

    select touches.person_id, unnest([touches.kind, 'any']) as signal, touches.occurred_at
    from touches
    inner join touch_kinds on touches.kind = touch_kinds.kind

    union all

    select person_id, 'product_visit', started_at from product_visits

),

-- The stage is analysis of all that a person did, on the site as well: it needs all these uses.
permitted as (

    select signals.person_id, signals.signal, signals.occurred_at
    from signals
    inner join gates on signals.person_id = gates.person_id
    where signals.occurred_at <= {{ as_of() }}

)

select * from permitted
