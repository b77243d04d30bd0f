-- An explanation that disagrees with the gate is worse than none: it would be believed.
{{ config(meta={'dagster': {'ref': {'name': 'consent_explanations'}}}) }}

with explanations as (

    select * from {{ ref('consent_explanations') }}

),

verdicts as (

    select * from explanations
    where gate = 'exit' and step = 'verdict'

),

-- who may go to a recipient is told so, and nobody else
contradicted as (

    select
        recipient,
        person_id,
        'verdict' as problem,
    from verdicts
    full join {{ ref('recipient_people') }} as people using (recipient, person_id)
    where verdicts.is_permitted is distinct from coalesce(people.is_permitted and people.is_addressable, false)

),

-- who is in an audience got there through a yes that is explained
unexplained as (

    select
        members.recipient,
        members.person_id,
        'included' as problem,
    from {{ ref('audience_members') }} as members
    left join verdicts on members.recipient = verdicts.recipient and members.person_id = verdicts.person_id
    where members.included and (verdicts.is_permitted is not true or verdicts.event_id is null)

),

-- one rule decides about an identifier, and it is the one that the decision names
undecided as (

    select
        explanations.recipient,
        explanations.person_id,
        'rules' as problem,
    from explanations
    inner join {{ ref('recipients') }} as recipients on explanations.recipient = recipients.recipient
    left join {{ ref('int_consent__permissions') }} as permissions
        on
            explanations.identifier_key = permissions.identifier_key
            and explanations.purpose = permissions.purpose
            and explanations.channel is not distinct from permissions.channel
            and recipients.permission_recipient is not distinct from permissions.recipient
    where explanations.step = 'rule'
    group by explanations.recipient, explanations.person_id, explanations.identifier_key, permissions.rule_id, permissions.controller
    having
        count(*) filter (explanations.decides) <> 1
        or (permissions.rule_id is not null and max(explanations.rule_id) filter (explanations.decides) <> permissions.rule_id)

),

unioned as (

    select * from contradicted
    union all
    select * from unexplained
    union all
    select * from undecided

)

select * from unioned
