{{ built_after(['int_behaviour__web_rules', 'stg_web__deliveries']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_rules'},
    pre_hook=["{{ note_web_pairs() }}", "{{ forget_web_pairs('occurred_at') }}"],
) }}
{%- set pause = var('session_gap_minutes') * 60000000 -%}
{%- set day = 86400000000 -%}
with

page_views as (

    {{ told_page_views() }}

),

-- Numbers instead of keys and texts: the sorts below carry a third of the bytes and cost a third of the time
-- (10 M clicks: 15 CPU s). A 64-bit hash merges two of 10 M cookies once in 400,000 builds.
narrow as (

    select
        hash(cookie_key) as visitor_id,
        if(session_id is null, null, hash(session_id)) as given_session_id,
        hash(event_id) as click_id,
        hash(url) as page_id,
        hash(source, referrer, user_agent) as origin_id,
        if(login_key is null, null, hash(login_key)) as login_id,
        share_id,
        hash(file_id, loaded_at) as delivery_id,
        epoch_us(occurred_at) as moment,
    from page_views

),
{%- if var('session_splits_on_campaign') %}

campaigns as (

    select
        hash(url) as page_id,
        {{ campaign_of('url') }} as campaign_id,
    from page_views
    group by url

),
{%- endif %}

neighbours as (

    select
        narrow.*,
        row_number() over clicks_of_visitor as place,
        lag(moment) over clicks_of_visitor as moment_before,
        lead(moment) over clicks_of_visitor as moment_after,
        {%- if var('session_splits_on_campaign') %}
        campaigns.campaign_id,
        {%- endif %}
    from narrow
    {%- if var('session_splits_on_campaign') %}
    inner join campaigns on narrow.page_id = campaigns.page_id
    {%- endif %}
    window clicks_of_visitor as (
        partition by visitor_id, given_session_id
        order by moment, click_id
    )

),

-- A visit ends where the next click is too late. What a source itself calls a session is taken at its word.
bounded as (

    select
        *,
        moment_before is null
        or (
            given_session_id is null
            and (
                moment - moment_before > {{ pause }}
                {%- if var('session_splits_at_midnight') %}
                or moment // {{ day }} <> moment_before // {{ day }}
                {%- endif %}
            )
        ) as is_first,
    from neighbours

),
{%- if var('session_splits_on_campaign') %}

stretches as (

    select
        *,
        last_value(if(is_first, moment, null) ignore nulls) over up_to_here as stretch_began,
        last_value(if(campaign_id is null, null, {'id': campaign_id, 'moment': moment}) ignore nulls) over (
            up_to_here rows between unbounded preceding and 1 preceding
        ) as campaign_before,
    from bounded
    window up_to_here as (partition by visitor_id, given_session_id order by moment, click_id)

),

-- A campaign starts a visit of its own, unless the visit came by it already; a click without one stays where it is.
parted as (

    select * replace (
        is_first or (
            given_session_id is null
            and campaign_id is not null
            and campaign_id is distinct from if(campaign_before.moment >= stretch_began, campaign_before.id, null)
        ) as is_first
    )
    from stretches

),
{%- endif %}

-- A visit is called after its first click, down to the next first click.
sessioned as (

    select
        click_id,
        last_value(if(is_first, click_id, null) ignore nulls) over up_to_here as session_id,
        visitor_id,
        given_session_id,
        page_id,
        origin_id,
        login_id,
        share_id,
        is_first,
        coalesce(lead(is_first) over clicks_of_visitor, true) as is_last,
        place - last_value(if(is_first, place, null) ignore nulls) over up_to_here + 1 as position,
        delivery_id,
        moment,
        moment_after,
    from {{ 'parted' if var('session_splits_on_campaign') else 'bounded' }}
    window
        clicks_of_visitor as (partition by visitor_id, given_session_id order by moment, click_id),
        up_to_here as (
            partition by visitor_id, given_session_id
            order by moment, click_id
            rows between unbounded preceding and current row
        )

),

-- How long a page was looked at is known from the next click only; nobody knows it for the last page.
timed as (

    select
        * exclude (moment, moment_after),
        if(is_last, null, (moment_after - moment) // 1000000) as dwell_seconds,
        make_timestamp(moment) as occurred_at,
    from sessioned

)

select * from timed
