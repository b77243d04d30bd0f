with notices as (

    select * from {{ source('raw', 'notices') }}

),

-- a text that is delivered again under the same version stays what was shown: the first delivery counts
first_delivery as (

    select
        notice_id,
        version as notice_version,
        lower(replace(locale, '_', '-')) as notice_locale,
        text_sha256,
        url,
        list_transform(purposes, lambda name: lower(name)) as purposes,
        list_transform(recipients, lambda name: lower(name)) as recipients,
        material_change as is_material_change,
        coalesce(grace_days, 0) as grace_days,
        effective_from,
        loaded_at,
    from notices
    where loaded_at <= {{ known_at() }}
    qualify row_number() over (
        partition by notice_id, version, lower(replace(locale, '_', '-'))
        order by loaded_at, file_id, line_number
    ) = 1

)

select * from first_delivery
