{#-
    Events of mail are told by mailboxes: whether a machine opened or clicked rests on what else came to that mailbox. A build
    notes the mailboxes whose events or person are not those that were told (told.mail_due), and whose they were (told.mail_people),
    forgets these, tells them again from what was delivered, and notes whose they are: all in one transaction.
-#}
{% macro note_mailboxes() -%}
    {%- if is_incremental() -%}
    insert into {{ source('told', 'mail_due') }}
    with changed as (
        select coalesce(mailboxes.email_key, told.email_key) as email_key
        from {{ ref('int_behaviour__mailboxes') }} as mailboxes
        full join {{ source('told', 'mailboxes') }} as told on mailboxes.email_key = told.email_key
        where mailboxes.digest is distinct from told.digest
    ),
    -- an event that came again may be another mailbox's by now
    events as (
        select event_id from {{ ref('stg_email__deliveries') }} where email_key in (select email_key from changed)
        union
        select event_id from {{ this }} where email_key in (select email_key from changed)
    )
    select email_key from changed
    union
    select email_key from {{ ref('stg_email__deliveries') }} where event_id in (select event_id from events)
    union
    select email_key from {{ this }} where event_id in (select event_id from events)
    {%- endif -%}
{%- endmacro %}

{#- Whose they are that are told. -#}
{% macro note_mail_people() -%}
    insert into {{ source('told', 'mail_people') }}
    select linked_person_id from {{ this }}
    where linked_person_id is not null and email_key in (select email_key from {{ source('told', 'mail_due') }})
    except
    select person_id from {{ source('told', 'mail_people') }}
{%- endmacro %}

{#- Whose they were. -#}
{% macro note_forgotten_mail_people() -%}
    {%- if is_incremental() -%} {{ note_mail_people() }} {%- endif -%}
{%- endmacro %}

{% macro forget_mailboxes() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where email_key in (select email_key from {{ source('told', 'mail_due') }})
    {%- endif -%}
{%- endmacro %}

{#- What is told: every event, or those of the noted mailboxes, of which only what came more than once is numbered. -#}
{% macro told_mail_events() -%}
    {%- if is_incremental() -%}
    select * from ({{ latest_deliveries('due', ['event_id']) }})
    where email_key in (select email_key from {{ source('told', 'mail_due') }})
    {%- else -%}
    select * from {{ ref('stg_email__events') }}
    {%- endif -%}
{%- endmacro %}

{#- What is left to the next build. -#}
{% macro tell_mail() -%}
    {{ return([
        "{{ note_mail_people() }}",
        "delete from {{ source('told', 'mailboxes') }} where (email_key, digest) not in (select email_key, digest from {{ ref('int_behaviour__mailboxes') }})",
        "insert into {{ source('told', 'mailboxes') }} select email_key, digest from {{ ref('int_behaviour__mailboxes') }} anti join {{ source('told', 'mailboxes') }} as told using (email_key)",
        "delete from {{ source('told', 'mail_due') }}",
    ]) }}
{%- endmacro %}

{#- The same of what is summed up of a person. -#}
{% macro forget_mail_people() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where person_id in (select person_id from {{ source('told', 'mail_people') }})
    {%- endif -%}
{%- endmacro %}

{% macro only_mail_people(person_id) -%}
    {%- if is_incremental() -%} {{ person_id }} in (select person_id from {{ source('told', 'mail_people') }})
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{#- Built last: only when all is told by these rules does the next build go on from here. -#}
{% macro tell_mail_people() -%}
    {{ return([
        "delete from {{ source('told', 'mail_people') }}",
        "delete from {{ source('told', 'mail_rules') }}",
        "insert into {{ source('told', 'mail_rules') }} select rules_digest from {{ ref('int_behaviour__mail_rules') }}",
    ]) }}
{%- endmacro %}
