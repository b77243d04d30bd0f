with contacts as (

    select * from {{ source('raw', 'contacts') }}
    where (created_at is null or created_at <= {{ as_of() }}) and (updated_at is null or updated_at <= {{ as_of() }})

),

changed as (

    select record_key from contacts
    group by record_key
    having min(email_key) <> max(email_key) or count(email_key) not in (0, count(*))
        or min(phone_key) <> max(phone_key) or count(phone_key) not in (0, count(*))

),

numbered as (

    select
        contacts.record_key,
        contacts.email_key,
        contacts.phone_key,
        coalesce(contacts.updated_at, contacts.loaded_at) as changed_at,
        row_number() over (
            partition by contacts.record_key
            order by {{ newest_version_first('updated_at') }}
        ) as version_number,
    from contacts
    inner join changed on contacts.record_key = changed.record_key

)

select * from numbered
