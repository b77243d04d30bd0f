with permissions as (

    select * from {{ ref('int_consent__permissions') }}
    where
        controller = {{ own_controller() }}
        and (purpose in ('enrichment.social', 'enrichment.interests') or starts_with(purpose, 'special.'))
        and channel is null
        and recipient is null

),

denials as (

    select * from {{ ref('int_consent__denials') }}
    where
        (purpose in ('enrichment.social', 'enrichment.interests') or starts_with(purpose, 'special.'))
        and channel is null
        and recipient is null

),

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

record_identifiers as (

    select
        record_key,
        unnest([email_key, phone_key, crm_key, nickname_key]) as identifier_key,
    from contacts

),

said as (

    select
        identifier_key,
        purpose,
        is_permitted,
        false as is_denied,
        reason,
    from permissions

    union all

    select
        identifier_key,
        purpose,
        false,
        true,
        state,
    from denials

),

-- identifiers of one contact record: a yes of one is enough to store, a no of one is enough not to
mates as (

    select
        mine.identifier_key,
        said.purpose,
        said.is_permitted,
        said.is_denied,
        said.reason,
    from said
    inner join record_identifiers as theirs
        on said.identifier_key = theirs.identifier_key
    inner join record_identifiers as mine
        on theirs.record_key = mine.record_key and mine.identifier_key is not null

    union all

    select * from said

),

gathered as (

    select
        identifier_key,
        purpose,
        bool_or(is_permitted) and not bool_or(is_denied) as is_permitted,
        bool_or(is_denied) as is_denied,
        case
            when bool_or(is_denied) then min(reason) filter (where is_denied)
            when bool_or(is_permitted) then 'permitted'
            else min(reason)
        end as reason,
    from mates
    group by identifier_key, purpose

)

select * from gathered
