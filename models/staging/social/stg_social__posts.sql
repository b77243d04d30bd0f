with posts as (

    select * from {{ source('raw', 'social_posts') }}

),

newest as (

    select
        post_key,
        source,
        platform,
        handle_key,
        'handle:' || platform as handle_kind,
        kind,
        text_key,
        language,
        reply_to_key,
        posted_at,
        loaded_at,
    from posts
    where posted_at <= {{ as_of() }}
    qualify row_number() over (
        partition by source, post_key
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1

)

select * from newest
