{{ built_after(['int_behaviour__web_rules', 'stg_web__deliveries']) }}
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='click_id', tags=['web_days'],
    meta={'starts_over': 'web_rules'}, pre_hook=["{{ note_web_pairs() }}", "{{ forget_clicks_read_again() }}"],
) }}
{%- set pause = [(var('session_gap_minutes') * 60000000) | int, 1] | max -%}
{%- set day = 86400000000 -%}
with

page_views as (

    {{ told_page_views() }}

),

-- Numbers instead of keys and texts: what follows costs a third. A 64-bit hash merges two of 10 M cookies once in 400,000 builds.
narrow as (

    select
        hash(event_id) as click_id,
        hash(cookie_key) as visitor_id,
        if(session_id is null, null, hash(session_id)) as given_session_id,
        hash(url) as page_id,
        hash(source, referrer, user_agent) as origin_id,
        if(login_key is null, null, hash(login_key)) as login_id,
        share_id,
        hash(file_id, loaded_at) as delivery_id,
        occurred_at,
        {%- if var('session_splits_on_campaign') %}
        {{ campaign_of('url') }} as campaign_id,
        {%- endif %}
    from page_views
    {%- if is_incremental() and stored_clicks_stand() %}

    union all

    {{ clicks_told_again() }}
    {%- endif %}

),

-- Clicks of one slot are of one visit whatever lies between them, so that what is sorted is slots and not clicks: a fifth of the
-- rows. A slot is as long as a pause (where midnight ends a visit, in a day), is a whole session that a source delivers
-- ready, or is one click where a campaign may end a visit.
placed as (

    select
        *,
        if(given_session_id is null, visitor_id, hash(visitor_id, given_session_id)) as strand_id,
        -- since the year 1: division rounds what is below nought the other way
        epoch_us(occurred_at) + 62135596800000000 as moment,
        {% if var('session_splits_on_campaign') -%}
        click_id as slot,
        {%- else -%}
        if(
            given_session_id is null,
            {%- if var('session_splits_at_midnight') %}
            moment // {{ day }} * {{ day // pause + 1 }} + moment % {{ day }} // {{ pause }},
            {%- else %}
            moment // {{ pause }},
            {%- endif %}
            0
        ) as slot,
        {%- endif %}
    from narrow

),

slots as (

    select
        strand_id,
        slot,
        bool_or(given_session_id is not null) as is_given,
        arg_min(click_id, (moment, click_id)) as click_id,
        min(moment) as begins_at,
        max(moment) as ends_at,
        {%- if var('session_splits_on_campaign') %}
        any_value(campaign_id) as campaign_id,
        {%- endif %}
    from placed
    group by strand_id, slot

),

-- A visit ends where the next click is too late. What a source itself calls a session is taken at its word.
bounded as (

    select
        *,
        lag(ends_at) over slots_of_strand is null
        or (
            not is_given
            and (
                begins_at - lag(ends_at) over slots_of_strand > {{ pause }}
                {%- if var('session_splits_at_midnight') %}
                or begins_at // {{ day }} <> lag(ends_at) over slots_of_strand // {{ day }}
                {%- endif %}
            )
        ) as is_first,
    from slots
    window slots_of_strand as (partition by strand_id order by begins_at, slot)

),
{%- if var('session_splits_on_campaign') %}

stretches as (

    select
        *,
        last_value(if(is_first, begins_at, null) ignore nulls) over up_to_here as stretch_began,
        last_value(if(campaign_id is null, null, {'id': campaign_id, 'moment': begins_at}) ignore nulls) over (
            up_to_here rows between unbounded preceding and 1 preceding
        ) as campaign_before,
    from bounded
    window up_to_here as (partition by strand_id order by begins_at, slot)

),

-- A campaign starts a visit of its own, unless the visit came by it already; a click without one stays where it is.
parted as (

    select * replace (
        is_first or (
            not is_given
            and campaign_id is not null
            and campaign_id is distinct from if(campaign_before.moment >= stretch_began, campaign_before.id, null)
        ) as is_first
    )
    from stretches

),
{%- endif %}

-- A visit is called after its first click.
named as (

    select
        strand_id,
        slot,
        last_value(if(is_first, click_id, null) ignore nulls) over (
            partition by strand_id
            order by begins_at, slot
            rows between unbounded preceding and current row
        ) as session_id,
    from {{ 'parted' if var('session_splits_on_campaign') else 'bounded' }}

),

sessioned as (

    select
        placed.click_id,
        named.session_id,
        placed.visitor_id,
        placed.given_session_id,
        placed.page_id,
        placed.origin_id,
        placed.login_id,
        placed.share_id,
        placed.click_id = named.session_id as is_first,
        placed.delivery_id,
        placed.occurred_at,
    from placed
    inner join named on placed.strand_id = named.strand_id and placed.slot = named.slot

)

select * from sessioned
