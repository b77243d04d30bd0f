with combinations as (

    select * from {{ ref('int_consent__combinations') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}
    where effect <> 'neutral' and obstacle is null

),

-- R6: a positive covers itself and the parts of which it is the whole, and nothing else
positives as (

    select
        kinds.kind_id,
        combinations.combination_id,
    from kinds
    inner join combinations
        on
            kinds.purpose in (combinations.purpose, combinations.part_of)
            and (combinations.channel is null or kinds.channel = combinations.channel)
            and kinds.recipient is not distinct from combinations.recipient
    where kinds.effect = 'positive'

),

-- R6: a negative, and what works like one, covers everything narrower too
others as (

    select
        kinds.kind_id,
        combinations.combination_id,
    from kinds
    inner join combinations
        on
            (
                kinds.purpose in ('any', combinations.purpose)
                or starts_with(combinations.purpose, kinds.purpose || '.')
            )
            and (combinations.channel is null or coalesce(kinds.channel, 'any') in ('any', combinations.channel))
            and (kinds.recipient is null or kinds.recipient = combinations.recipient)
    where kinds.effect <> 'positive'

),

unioned as (

    select * from positives
    union all
    select * from others

)

select * from unioned
