with profiles as (

    select * from {{ ref('stg_social__profiles') }}

),

identifier_persons as (

    select * from {{ ref('int_behaviour__identifier_persons') }}

),

gates as (

    select * from {{ ref('int_profile__gates') }}
    where may_use_social

),

permissions as (

    select * from {{ ref('int_consent__person_permissions') }}
    where purpose = 'enrichment.social' and channel is null and recipient is null and is_permitted

),

-- Several profiles per person and platform, each as every source says it. Who has the handle is certain, or it is nobody's here.
held as (

    select
        profiles.record_key as profile_key,
        identifier_persons.person_id,
        profiles.platform,
        profiles.handle_key,
        profiles.source,
        if(coalesce(profiles.is_verified, false), 'verified', 'claimed') as standing,
        list_filter(
            [
                if(profiles.crm_key is null, null, 'account'),
                if(profiles.email_key is null, null, 'email'),
                if(profiles.phone_key is null, null, 'phone')
            ],
            lambda kind: kind is not null
        ) as named_with,
        profiles.bio_key is not null as has_biography,
        profiles.language,
        profiles.followers,
        permissions.winning_event_id as consent_event_id,
        profiles.first_seen_at as first_observed_at,
        profiles.observed_at as last_observed_at,
        -- GDPR Art. 14(3)(a): who is not told by whom the data came must be told within a month of it
        profiles.first_seen_at + to_months({{ var('art_14_months') }}) as art_14_due_at,
    from profiles
    inner join identifier_persons on profiles.handle_key = identifier_persons.identifier_key
    inner join gates on identifier_persons.person_id = gates.person_id
    inner join permissions on identifier_persons.person_id = permissions.person_id

)

select * from held
