{#-
    The page views that are told in this build: what arrived, where stored clicks stand; else all of the days of visitors for
    whom something changed (told.web_pairs), or everything. A day of a visitor holds whole visits only (`note_web_pairs`), so
    with what is told again it is all that its visits are made of.
-#}
{% macro told_page_views() -%}
    select page_views.* from {{ ref('stg_web__page_views') }} as page_views
    {%- if is_incremental() and stored_clicks_stand() %}
    semi join (select file_id, loaded_at from {{ ref('stg_web__deliveries') }} where is_new) as new
        on page_views.file_id = new.file_id and page_views.loaded_at = new.loaded_at
    {%- elif is_incremental() %}
    where
        cast(occurred_at as date) in (select day from {{ source('told', 'web_pairs') }})
        and (hash(cookie_key), cast(occurred_at as date)) in (select visitor_id, day from {{ source('told', 'web_pairs') }})
    {%- endif %}
{%- endmacro %}

{#-
    Whether what is stored of a click is what its page view says: nothing was taken back, no build broke off, and nobody asked
    for days to be told anew. Where campaigns part visits, their names are read from the page views.
-#}
{% macro stored_clicks_stand() -%}
    {%- if not execute -%} {{ return(true) }} {%- endif -%}
    {{ return(not (var('web_days') or var('session_splits_on_campaign') or starts_over('web_deliveries'))) }}
{%- endmacro %}

{#- What is stored of the days of visitors that are told anew, but for what arrived again: of int_behaviour__clicks itself. -#}
{% macro clicks_told_again() -%}
    select click_id, visitor_id, given_session_id, page_id, origin_id, login_id, share_id, delivery_id, occurred_at
    from {{ this }}
    where
        (visitor_id, cast(occurred_at as date)) in (select visitor_id, day from {{ source('told', 'web_pairs') }})
        and click_id not in (select hash(event_id) from page_views)
{%- endmacro %}

{#- Deletes the clicks whose page views are read again: what of them is left is told by these. -#}
{% macro forget_clicks_read_again() -%}
    {%- if is_incremental() and not stored_clicks_stand() -%} {{ forget_web_pairs('occurred_at') }} {%- endif -%}
{%- endmacro %}

{#- Deletes what is told anew. Args: moment: the column whose day counts. -#}
{% macro forget_web_pairs(moment) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where (visitor_id, cast({{ moment }} as date)) in (select visitor_id, day from {{ source('told', 'web_pairs') }})
    {%- endif -%}
{%- endmacro %}

{#- The same of a model that knows a visit by `key`: session_id or session_key. -#}
{% macro forget_web_visits(key='session_id') -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ key }} in (select {{ key }} from {{ source('told', 'web_visits') }})
    {%- endif -%}
{%- endmacro %}

{#- The condition on what such a model reads. -#}
{% macro only_told_visits(session_id) -%}
    {%- if is_incremental() -%} {{ session_id }} in (select session_id from {{ source('told', 'web_visits') }})
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{#- Notes whose visits are forgotten, and whose are told, for what sums up a person. Of int_behaviour__session_persons itself. -#}
{% macro note_web_people() -%}
    {%- if is_incremental() -%}
    insert into {{ source('told', 'web_people') }}
    select person_id from {{ this }}
    where person_id is not null and {{ only_told_visits('session_id') }}
    except
    select person_id from {{ source('told', 'web_people') }}
    {%- endif -%}
{%- endmacro %}

{#- Deletes what is summed up anew. -#}
{% macro forget_web_people() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where person_id in (select person_id from {{ source('told', 'web_people') }})
    {%- endif -%}
{%- endmacro %}

{#- The condition on what such a model reads. -#}
{% macro only_told_people(person_id) -%}
    {%- if is_incremental() -%} {{ person_id }} in (select person_id from {{ source('told', 'web_people') }})
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{#- Deletes what no click has any more. Args: column: of int_behaviour__clicks as well. -#}
{% macro forget_unless_clicked(column) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where {{ column }} in (
        select {{ column }} from {{ this }} as stored
        anti join {{ ref('int_behaviour__clicks') }} as clicks using ({{ column }})
    )
    {%- endif -%}
{%- endmacro %}
