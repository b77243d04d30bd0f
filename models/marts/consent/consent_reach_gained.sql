with

recipients as (

    select
        recipient,
        permission_recipient,
        purpose,
        channel,
        list_append(string_split(signal_purposes, ';'), purpose) as purposes,
    from {{ ref('recipients') }}

),

audience_members as (

    select recipient, segment, person_id, reason, from {{ ref('audience_members') }}

),

recipient_identifiers as (

    select * from {{ ref('recipient_identifiers') }}

),

recipient_people as (

    select * from {{ ref('recipient_people') }}

),

exit_permissions as (

    select * from {{ ref('int_consent__exit_permissions') }}

),

person_permissions as (

    select * from {{ ref('int_consent__person_permissions') }}

),

denials as (

    select * from {{ ref('int_consent__denials') }}

),

person_links as (

    select person_id, identifier_key, from {{ ref('int_identity__person_links') }}

),

askable_states as (

    select state, rank, from {{ ref('askable_states') }}

),

-- who said no through any identifier is never asked again
denied as (

    select recipients.recipient, person_links.person_id, min(denials.state) as state,
    from denials
    inner join recipients
        on list_contains(recipients.purposes, denials.purpose)
        and denials.channel is not distinct from recipients.channel
        and denials.recipient is not distinct from recipients.permission_recipient
    inner join person_links on denials.identifier_key = person_links.identifier_key
    group by recipients.recipient, person_links.person_id

),

-- of what the identifiers of a person say, a state that forbids to ask outweighs; else the one nearest to a yes
said as (

    select
        exit_permissions.recipient,
        exit_permissions.person_id,
        coalesce(
            min(denied.state),
            min(exit_permissions.state) filter (askable_states.state is null),
            min_by(exit_permissions.state, askable_states.rank)
        ) as state,
        bool_or(recipient_identifiers.is_usable and recipient_identifiers.is_replaced is not true) as is_reachable,
    from exit_permissions
    inner join recipient_identifiers
        on exit_permissions.recipient = recipient_identifiers.recipient
        and exit_permissions.person_id = recipient_identifiers.person_id
        and exit_permissions.identifier_key = recipient_identifiers.identifier_key
    left join denied
        on exit_permissions.recipient = denied.recipient and exit_permissions.person_id = denied.person_id
    left join askable_states on exit_permissions.state = askable_states.state
    where not exit_permissions.is_permitted
    group by exit_permissions.recipient, exit_permissions.person_id

),

-- in a segment and stopped by nothing but the recipient's permission; and everybody known, whatever the segment
lacking as (

    select
        audience_members.recipient,
        audience_members.segment,
        audience_members.person_id,
        audience_members.reason is null as has_it,
        audience_members.reason = 'recipient_not_permitted' as lacks_it,
    from audience_members

    union all

    select
        recipient,
        null as segment,
        person_id,
        is_addressable as has_it,
        not is_permitted and not is_suppressed as lacks_it,
    from recipient_people

),

per_recipient as (

    select
        lacking.recipient,
        lacking.segment,
        recipients.purpose,
        recipients.channel,
        recipients.permission_recipient,
        case when lacking.has_it then 'permitted' else coalesce(said.state, 'unknown') end as state,
        count(*) as people,
    from lacking
    inner join recipients on lacking.recipient = recipients.recipient
    left join said on lacking.recipient = said.recipient and lacking.person_id = said.person_id
    where lacking.has_it or (lacking.lacks_it and coalesce(said.is_reachable, false))
    group by all

),

-- purposes of use open no recipient by themselves: over everybody, for who is in a segment is not told without them
per_use as (

    select
        cast(null as varchar) as recipient,
        cast(null as varchar) as segment,
        purpose,
        channel,
        recipient as permission_recipient,
        if(is_permitted, 'permitted', state) as state,
        count(*) as people,
    from person_permissions
    group by all

),

unioned as (

    select * from per_recipient
    union all
    select * from per_use

),

judged as (

    select
        unioned.recipient,
        unioned.segment,
        unioned.purpose,
        unioned.channel,
        unioned.permission_recipient,
        unioned.state,
        askable_states.state is not null as is_askable,
        unioned.people,
        case when askable_states.state is not null then unioned.people else 0 end as people_gained,
    from unioned
    left join askable_states on unioned.state = askable_states.state

)

select * from judged
order by recipient nulls first, segment nulls first, purpose, state
