with persons as (

    select * from {{ ref('int_identity__persons') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}

),

-- whatever may not serve the contract may serve nothing else; a person without a row of permissions is shown nowhere
flagged as (

    select
        persons.person_id,
        coalesce(person_uses.may_serve, false) as may_serve,
        may_serve and coalesce(person_uses.may_analyse, false) as may_analyse,
        may_analyse and coalesce(person_uses.may_link, false) as may_watch,
        may_serve and coalesce(person_uses.may_use_social, false) as may_use_social,
        may_serve and coalesce(person_uses.may_use_interests, false) as may_use_interests,
        'service: ' || coalesce(person_uses.service_reason, 'no permission known') as service_reason,
        'analytics.behaviour: ' || coalesce(person_uses.analysis_reason, 'no permission known') as analysis_reason,
        'identity.linking: ' || coalesce(person_uses.linking_reason, 'no permission known') as linking_reason,
        'enrichment.social: ' || coalesce(person_uses.social_reason, 'no permission known') as social_reason,
        'enrichment.interests: ' || coalesce(person_uses.interests_reason, 'no permission known') as interests_reason,
    from persons
    left join person_uses on persons.person_id = person_uses.person_id

),

explained as (

    select
        person_id,
        may_serve,
        may_analyse,
        may_watch,
        may_use_social,
        may_use_interests,
        if(may_serve, null, service_reason) as service_masked_reason,
        case when not may_serve then service_reason when not may_analyse then analysis_reason end as analysis_masked_reason,
        case
            when not may_serve then service_reason
            when not may_analyse then analysis_reason
            when not may_watch then linking_reason
        end as web_masked_reason,
        case when not may_serve then service_reason when not may_use_social then social_reason end as social_masked_reason,
        case when not may_serve then service_reason when not may_use_interests then interests_reason end
            as interests_masked_reason,
    from flagged

)

select * from explained
