{#-
    The newest version of each contact record.
    Args: contacts: relation as raw.contacts; moment: SQL of the moment after which nothing was created yet.
-#}
{% macro newest_contacts(contacts, moment) -%}
(
    with
    created as (

        select
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
            file_id,
            line_number,
        from {{ contacts }}
        where created_at is null or created_at <= {{ moment }}

    ),

    repeated as (

        select record_key from created
        group by record_key
        having count(*) > 1

    ),

    -- only repeats are numbered: whole rows cost several times what their keys do
    newest as (

        select * from created
        anti join repeated using (record_key)
        union all
        -- a record that is delivered again may say when it was changed: an old file that arrives late does not win
        select * from created
        semi join repeated using (record_key)
        qualify row_number() over (
            partition by record_key
            order by coalesce(updated_at > {{ moment }}, false), {{ newest_version_first('updated_at') }}
        ) = 1

    )

    select * exclude (file_id, line_number) from newest
)
{%- endmacro %}
