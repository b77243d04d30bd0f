with exit_permissions as (

    select * from {{ ref('int_consent__exit_permissions') }}
    where is_permitted

),

person_permissions as (

    select * from {{ ref('int_consent__person_permissions') }}

),

exits as (

    select
        person_id,
        bool_or(purpose = 'marketing.direct' and channel = 'email') as is_marketable_email,
        bool_or(purpose = 'advertising.audience' and recipient = 'meta') as is_advertisable_meta,
        bool_or(purpose = 'advertising.audience' and recipient = 'google') as is_advertisable_google,
        list(distinct recipient order by recipient) as permitted_recipients,
        min(expires_at) as first_expiry_at,
    from exit_permissions
    group by person_id

),

-- every person has one row per use, permitted or not
uses as (

    select
        person_id,
        coalesce(list(distinct purpose order by purpose) filter (is_permitted), []) as permitted_uses,
    from person_permissions
    where channel is null and recipient is null
    group by person_id

),

joined as (

    select
        uses.person_id,
        uses.permitted_uses,
        coalesce(exits.permitted_recipients, []) as permitted_recipients,
        coalesce(exits.is_marketable_email, false) as is_marketable_email,
        coalesce(exits.is_advertisable_meta, false) as is_advertisable_meta,
        coalesce(exits.is_advertisable_google, false) as is_advertisable_google,
        exits.first_expiry_at,
    from uses
    left join exits on uses.person_id = exits.person_id

)

select * from joined
