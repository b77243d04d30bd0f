with notices as (

    select * from {{ ref('stg_consent__notices') }}

),

-- R11: a text that changed in substance ends what was said to the text before, after its days of grace
changes as (

    select
        shown.notice_id,
        shown.notice_version,
        shown.notice_locale,
        list({
            'ends_at': later.effective_from + to_days(later.grace_days),
            'known_from': greatest(shown.loaded_at, later.loaded_at)
        }) as changes,
    from notices as shown
    inner join notices as later
        on
            shown.notice_id = later.notice_id
            and shown.effective_from < later.effective_from
            and later.is_material_change
    group by all

)

select * from changes
