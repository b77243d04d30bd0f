with shares as (

    select
        *,
        {{ record_key('shares', ['share_id']) }} as record_key,
    from {{ ref('stg_web__shares') }}

),

person_records as (

    select record_key, person_id from {{ ref('int_identity__person_records') }}
    where entity = 'shares'

),

withheld_records as (

    select record_key, purpose from {{ ref('int_identity__withheld_records') }}
    where purpose = 'analytics.behaviour'

),

attributed as (

    select
        shares.share_id,
        if(withheld_records.record_key is null, person_records.person_id, null) as linked_person_id,
        shares.identifier_key,
        shares.parent_share_id,
        lower(shares.channel) as channel,
        {{ url_path('shares.url') }} as page,
        shares.created_at,
    from shares
    left join person_records on shares.record_key = person_records.record_key
    left join withheld_records on shares.record_key = withheld_records.record_key

)

select * from attributed
