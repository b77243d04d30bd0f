with mentions as (

    select * from {{ ref('int_identity__mentions') }}

),

unknown_identifiers as (

    select
        named.identifier_number,
        any_value(named.identifier_key) as identifier_key,
        min(named.identifier_kind) as identifier_kind,
    from {{ ref('int_identity__records') }} as records
    cross join unnest(records.unknown_identifiers) as told (named)
    group by named.identifier_number

),

identifiers as (

    select identifier_number, identifier_key, identifier_kind, is_blocked, block_reason, true as is_known
    from {{ ref('int_identity__numbers') }}
    union all
    select identifier_number, identifier_key, identifier_kind, true, null, false
    from unknown_identifiers

),

rules as (

    select * from {{ ref('identity_rules') }}

),

shared_identifiers as (

    select identifier_number from {{ ref('int_identity__shared_identifiers') }}
    group by identifier_number

),

sets as (

    select
        identifier_number,
        identifier_set,
        min(first_seen_at) as first_seen_at,
    from mentions
    group by identifier_number, identifier_set

),

counted as (

    select
        identifier_number,
        count(*) as records,
        min(first_seen_at) as first_seen_at,
    from sets
    group by identifier_number

),

naming_sources as (

    select identifier_number, source from mentions
    where entity = 'contacts'
    group by identifier_number, source

),

contacts as (

    select
        identifier_number,
        count(*) as contact_sources,
    from naming_sources
    group by identifier_number

),

-- An identifier links everywhere, within one source, within one person's records, or nowhere; whatever no rule covers links nowhere.
guarded as (

    select
        counted.identifier_number,
        identifiers.identifier_key,
        identifiers.identifier_kind,
        split_part(identifiers.identifier_kind, ':', 1) as kind_family,
        rules.link_kind,
        rules.priority,
        nullif(rules.requires_purpose, '') as requires_purpose,
        identifiers.is_blocked,
        case
            when rules.identifier_kind is null then 'unknown_kind'
            when not identifiers.is_known then 'unknown_identifier'
            when identifiers.is_blocked then coalesce(identifiers.block_reason, 'blocked')
            when counted.records > rules.max_records_per_value then 'too_many_records'
            when shared_identifiers.identifier_number is not null then 'several_people'
            when rules.link_kind = 'account' and contacts.contact_sources > 1 then 'several_account_sources'
            when not rules.crosses_sources then 'one_source_only'
        end as guard_reason,
        case
            when guard_reason is null then 'everywhere'
            when guard_reason = 'several_people' then 'person'
            when guard_reason in ('several_account_sources', 'one_source_only') then 'source'
            else 'nowhere'
        end as link_scope,
        counted.records,
        coalesce(contacts.contact_sources, 0) as contact_sources,
        counted.first_seen_at,
    from counted
    inner join identifiers on counted.identifier_number = identifiers.identifier_number
    left join contacts on counted.identifier_number = contacts.identifier_number
    left join shared_identifiers on counted.identifier_number = shared_identifiers.identifier_number
    left join rules on split_part(identifiers.identifier_kind, ':', 1) = rules.identifier_kind

)

select * from guarded
