{#-
    Notes what is told anew besides (told.web_pairs), and the visits that go (told.web_visits), before
    int_behaviour__sessions forgets them: all days of a visitor whose cookie or login is somebody else's, or of somebody who
    permits something else, or who saw a product that pages show otherwise now.
-#}
{% macro note_web_visits() -%}
{%- if is_incremental() -%}
    insert into {{ source('told', 'web_pairs') }}
    with changed_identities as (
        select coalesce(identities.identifier_id, told.identifier_id) as identifier_id
        from {{ ref('int_behaviour__web_identities') }} as identities
        full join {{ source('told', 'web_identities') }} as told
            on identities.identifier_id = told.identifier_id
        where identities.digest is distinct from told.digest
    ),
    changed_products as (
        select coalesce(products.product_id, told.product_id) as product_id
        from {{ digested_products() }} as products
        full join {{ source('told', 'web_products') }} as told
            on products.product_id = told.product_id
        where products.digest is distinct from told.digest
    ),
    changed_pages as (
        select page_id from {{ ref('int_behaviour__urls') }}
        where product_id in (select product_id from changed_products)
    ),
    visitors as (
        select identifier_id as visitor_id from changed_identities
        union
        select visitor_id from {{ ref('int_behaviour__clicks') }}
        where login_id in (select identifier_id from changed_identities)
        union
        select visitor_id from {{ ref('int_behaviour__clicks') }}
        where page_id in (select page_id from changed_pages)
    )
    select visitor_id, cast(occurred_at as date) as day from {{ ref('int_behaviour__clicks') }}
    where visitor_id in (select visitor_id from visitors)
    except
    select visitor_id, day from {{ source('told', 'web_pairs') }}
{%- endif -%}
{%- endmacro %}

{#- Notes the visits of the noted days: those that are stored before they are forgotten, and those that were told then. -#}
{% macro note_stored_visits() -%}
{%- if is_incremental() -%}
    insert into {{ source('told', 'web_visits') }}
    select session_id, session_key from {{ this }}
    where (visitor_id, cast(started_at as date)) in (select visitor_id, day from {{ source('told', 'web_pairs') }})
    except
    select session_id, session_key from {{ source('told', 'web_visits') }}
{%- endif -%}
{%- endmacro %}

{#- What pages show of each product, as a number. -#}
{% macro digested_products() -%}
(
    select product_id, hash(category, product_type) as digest
    from {{ shown_products(ref('int_behaviour__products')) }} as shown
)
{%- endmacro %}
