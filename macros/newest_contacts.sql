{#-
    The newest version of each contact record. Counting keys is cheaper than numbering whole rows, and most records came once.
    Args: contacts: relation as raw.contacts; moment: SQL of the moment after which nothing was created yet.
-#}
{% macro newest_contacts(contacts, moment) -%}
{%- set columns -%}
            record_key,
            source,
            crm_key,
            crm_kind,
            email_key,
            phone_key,
            nickname_key,
            nickname_kind,
            country,
            language,
            birth_date,
            has_name,
            name_number,
            has_address,
            coalesce(created_at, updated_at, loaded_at) as first_seen_at,
            created_at,
            updated_at,
            loaded_at,
{%- endset -%}
{%- set known -%} (created_at is null or created_at <= {{ moment }}) {%- endset -%}
(
    with
    repeated as (select record_key from {{ contacts }} where {{ known }} group by record_key having count(*) > 1),
    -- a record that is delivered again may say when it was changed: an old file that arrives late does not win
    newest as (

        select {{ columns }} from {{ contacts }}
        anti join repeated using (record_key)
        where {{ known }}
        union all
        select {{ columns }} from {{ contacts }}
        semi join repeated using (record_key)
        where {{ known }}
        qualify row_number() over (
            partition by record_key
            order by coalesce(updated_at > {{ moment }}, false), {{ newest_version_first('updated_at') }}
        ) = 1

    )

    select * from newest
)
{%- endmacro %}
