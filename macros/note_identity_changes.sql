{#-
    Notes which records came, went or say something else (told.identity_changes), before int_identity__records forgets them.
    A record that named something else before is taken for changed: what it named then may be told otherwise.
-#}
{% macro note_identity_changes() -%}
{%- if is_incremental() -%}
    insert into {{ source('told', 'identity_changes') }}
    with stored as (
        select * from {{ this }}
        where record_hash in (select record_hash from {{ ref('int_identity__candidates') }})
    ),
    former as (
        select record_key from {{ ref('int_identity__former_identifiers') }}
        union
        select record_key from {{ source('told', 'identity_former') }}
    ),
    changed as (
        select coalesce(arrived.record_key, stored.record_key) as record_key
        from {{ ref('int_identity__arrived') }} as arrived
        full join stored on arrived.record_key = stored.record_key
        where
            {% for column in [
                'source', 'first_seen_at', 'name_number', 'birth_date', 'crm_number', 'email_number', 'phone_number',
                'other_number', 'cookie_number', 'details',
            ] -%}
            arrived.{{ column }} is distinct from stored.{{ column }} or
            {% endfor -%}
            coalesce(arrived.record_key, stored.record_key) in (select record_key from former)
    )
    select {{ key_number('record_key') }}, record_key
    from changed
    where record_key not in (select record_key from {{ source('told', 'identity_changes') }})
{%- endif -%}
{%- endmacro %}

{#- Notes the identifiers that changed records name (told.identity_touched). Args: records: where what they name stands. -#}
{% macro note_touched(records) -%}
{%- if is_incremental() -%}
    insert into {{ source('told', 'identity_touched') }}
    select unnest(list_filter(
        [crm_number, email_number, phone_number, other_number, cookie_number], lambda number: number is not null
    ))
    from {{ records }}
    where record_key in (select record_key from {{ source('told', 'identity_changes') }})
{%- endif -%}
{%- endmacro %}

{#-
    Notes identifiers that are blocked, or no longer, those the loader got to know since, and those on records whose names
    could be one person's, or no longer. A name that no unchanged record bears is no news to them.
-#}
{% macro note_judged() -%}
{%- if is_incremental() -%}
    {%- set names, told = ref('stg_landing__compatible_names'), source('told', 'identity_names') -%}
    insert into {{ source('told', 'identity_touched') }}
    with changed as ({{ changed_name_buckets() }}),
    judged as (
        {%- for mine, other in [(names, told), (told, names)] %}
        (select name_number, other_number from {{ mine }} where {{ name_bucket() }} in (select bucket from changed)
        except
        select name_number, other_number from {{ other }} where {{ name_bucket() }} in (select bucket from changed))
        {%- if loop.first %} union all {%- endif -%}
        {%- endfor %}
    ),
    bearing as (
        select name_number, crm_number, email_number, phone_number, other_number, cookie_number
        from {{ this }}
        where name_number in (select name_number from judged union all select other_number from judged)
            and record_number not in (select record_number from {{ source('told', 'identity_changes') }})
    ),
    otherwise as (
        select name_number from judged
        where other_number in (select name_number from bearing)
    )
    select unnest(list_filter(
        [crm_number, email_number, phone_number, other_number, cookie_number], lambda number: number is not null
    ))
    from bearing
    where name_number in (select name_number from otherwise)
    union all
    select identifier_number from {{ ref('int_identity__facts') }}
    where part = 'block'
    union all
    select identifier_number from {{ ref('int_identity__numbers') }}
    where identifier_number in (
        select identifier_number from {{ source('told', 'identity_facts') }} where part = 'unknown'
    )
{%- endif -%}
{%- endmacro %}

{#- Deletes the records that changed. -#}
{% macro forget_changes() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where record_number in (select record_number from {{ source('told', 'identity_changes') }})
    {%- endif -%}
{%- endmacro %}

{#- Deletes what will be told anew of the identifiers that changed records name. -#}
{% macro forget_touched() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where identifier_number in (select identifier_number from {{ source('told', 'identity_touched') }})
    {%- endif -%}
{%- endmacro %}

{#- The condition on what is told: the identifiers that changed records name, or all. -#}
{% macro only_touched(identifier_number='identifier_number') -%}
    {%- if is_incremental() -%}
    {{ identifier_number }} in (select identifier_number from {{ source('told', 'identity_touched') }})
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{#- Who names these identifiers, or all. -#}
{% macro touched_mentions() -%}
    {%- if not execute -%} {%- do [ref('int_identity__mentions'), ref('int_identity__touched')] -%} {%- endif -%}
    {{ ref('int_identity__touched') if is_incremental() else ref('int_identity__mentions') }}
{%- endmacro %}

{#- Notes the records that hang together by such an identifier, before it is judged anew. -#}
{% macro note_linked() -%}
{%- if is_incremental() -%}
    insert into {{ source('told', 'identity_seeds') }}
    select record_number from {{ ref('int_identity__touched') }}
    where identifier_number in (
        select identifier_number from {{ this }} where link_scope <> 'nowhere' and {{ only_touched() }}
    )
{%- endif -%}
{%- endmacro %}

{#- Deletes what looked-at records named before. -#}
{% macro forget_candidates() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where record_hash in (select record_hash from {{ ref('int_identity__candidates') }})
    {%- endif -%}
{%- endmacro %}
