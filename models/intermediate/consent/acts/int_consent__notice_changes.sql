with notices as (

    select * from {{ ref('stg_consent__notices') }}

),

-- R11: a text that changed in substance ends what was said to the text before, after its days of grace
changes as (

    select
        shown.notice_id,
        shown.notice_version,
        shown.notice_locale,
        later.effective_from + to_days(later.grace_days) as ends_at,
        greatest(shown.loaded_at, later.loaded_at) as known_from,
    from notices as shown
    inner join notices as later
        on
            shown.notice_id = later.notice_id
            and shown.effective_from < later.effective_from
            and later.is_material_change

),

-- the earliest end among the changes known by then
stepped as (

    select
        notice_id,
        notice_version,
        notice_locale,
        known_from,
        min(min(ends_at)) over (
            partition by notice_id, notice_version, notice_locale
            order by known_from
        ) as ends_at,
        lead(known_from, 1, {{ end_of_time() }}) over (
            partition by notice_id, notice_version, notice_locale
            order by known_from
        ) as known_to,
    from changes
    group by notice_id, notice_version, notice_locale, known_from

)

select * from stepped
