{{ built_after(['stg_web__deliveries', 'int_behaviour__web_identities', 'int_behaviour__products']) }}
-- Built last: only when every stored visit is the one of this build does the next one go on from here.
{{ config(tags=['web_days'], post_hook=tell_web()) }}

with

rules as (

    select * from {{ ref('int_behaviour__web_rules') }}

),

-- every model that goes on from what it has stored
counted as (

    select
        (select count(*) from {{ ref('int_behaviour__clicks') }}) as clicks,
        (select count(*) from {{ ref('int_behaviour__urls') }}) as urls,
        (select count(*) from {{ ref('int_behaviour__origins') }}) as origins,
        (select count(*) from {{ ref('int_behaviour__sessions') }}) as visits,
        (select count(*) from {{ ref('int_behaviour__session_persons') }}) as judged_visits,
        (select count(*) from {{ ref('int_behaviour__session_categories') }}) as session_categories,
        (select count(*) from {{ ref('int_behaviour__goals_reached') }}) as goals_reached,
        (select count(*) from {{ ref('web_sessions') }}) as shown_visits,
        (select count(*) from {{ ref('web_page_views') }}) as shown_page_views,
        (select count(*) from {{ ref('web_goals') }}) as shown_goals,
        (select count(*) from {{ source('told', 'web_pairs') }}) as visitor_days_told,
        (select count(*) from {{ source('told', 'web_visits') }}) as visits_told,

),

told as (

    select
        rules.rules_digest,
        rules.is_all_changed,
        counted.*,
    from rules
    cross join counted

)

select * from told
