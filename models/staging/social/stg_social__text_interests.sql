with text_interests as (

    select * from {{ source('raw', 'text_interests') }}

),

-- a text that was read again by a newer extractor counts once, as the newest reading has it
newest as (

    select
        text_key,
        text_kind,
        handle_key,
        platform,
        interest_id,
        polarity,
        place,
        brand,
        language,
        confidence,
        span_start,
        span_end,
        observed_at,
        extractor_version,
        loaded_at,
    from text_interests
    where observed_at <= {{ as_of() }}
    qualify row_number() over (
        partition by text_key, interest_id, span_start, span_end, place, brand, handle_key
        order by loaded_at desc, extractor_version desc, confidence desc, polarity
    ) = 1

)

select * from newest
