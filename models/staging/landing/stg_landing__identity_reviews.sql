with reviews as (

    select * from {{ source('reviews', 'identity_reviews') }}

),

-- the newest word on a pair counts; withdrawn, nobody has decided
newest as (

    select
        md5(concat_ws(chr(31), record_a, record_b)) as pair_key,
        decision,
        recorded_by,
        recorded_at,
    from reviews
    qualify row_number() over (partition by record_a, record_b order by seq desc) = 1

)

select * from newest
where decision <> 'withdraw'
