{#-
    The versions of contact records of which an address or a number changed; number 1 is the newest.
    Args: contacts: relation as raw.contacts.
-#}
{% macro contact_versions(contacts) -%}
(
    with counted as (
        select * from {{ contacts }}
        where (created_at is null or created_at <= {{ as_of() }}) and (updated_at is null or updated_at <= {{ as_of() }})
    ),
    changed as (
        select record_key from counted
        group by record_key
        having min(email_key) <> max(email_key) or count(email_key) not in (0, count(*))
            or min(phone_key) <> max(phone_key) or count(phone_key) not in (0, count(*))
    )
    select
        counted.record_key,
        counted.email_key,
        counted.phone_key,
        coalesce(counted.updated_at, counted.loaded_at) as changed_at,
        row_number() over (
            partition by counted.record_key
            order by {{ newest_version_first('updated_at') }}
        ) as version_number,
    from counted
    inner join changed on counted.record_key = changed.record_key
)
{%- endmacro %}
