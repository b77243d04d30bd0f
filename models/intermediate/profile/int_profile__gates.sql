with persons as (

    select * from {{ ref('int_identity__persons') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}

),

-- a person whom the permissions do not know may be used for nothing
known as (

    select
        persons.person_id,
        coalesce(person_uses.may_serve, false) as serves,
        coalesce(person_uses.may_analyse, false) as analyses,
        coalesce(person_uses.may_link, false) as links,
        coalesce(person_uses.may_use_social, false) as uses_social,
        coalesce(person_uses.may_use_interests, false) as uses_interests,
        person_uses.service_reason,
        person_uses.analysis_reason,
        person_uses.linking_reason,
        person_uses.social_reason,
        person_uses.interests_reason,
    from persons
    left join person_uses on persons.person_id = person_uses.person_id

),

-- whatever may not serve the contract may serve nothing else
flagged as (

    select
        person_id,
        serves as may_serve,
        serves and analyses as may_analyse,
        serves and analyses and links as may_watch,
        serves and uses_social as may_use_social,
        serves and uses_interests as may_use_interests,
        'service: ' || coalesce(service_reason, 'no permission known') as service_masked,
        'analytics.behaviour: ' || coalesce(analysis_reason, 'no permission known') as analysis_masked,
        'identity.linking: ' || coalesce(linking_reason, 'no permission known') as linking_masked,
        'enrichment.social: ' || coalesce(social_reason, 'no permission known') as social_masked,
        'enrichment.interests: ' || coalesce(interests_reason, 'no permission known') as interests_masked,
    from known

),

explained as (

    select
        person_id,
        may_serve,
        may_analyse,
        may_watch,
        may_use_social,
        may_use_interests,
        if(may_serve, null, service_masked) as service_masked_reason,
        case when not may_serve then service_masked when not may_analyse then analysis_masked end as analysis_masked_reason,
        case
            when not may_serve then service_masked
            when not may_analyse then analysis_masked
            when not may_watch then linking_masked
        end as web_masked_reason,
        case when not may_serve then service_masked when not may_use_social then social_masked end as social_masked_reason,
        case when not may_serve then service_masked when not may_use_interests then interests_masked end
            as interests_masked_reason,
    from flagged

)

select * from explained
