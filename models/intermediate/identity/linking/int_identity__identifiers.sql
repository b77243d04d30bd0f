with claims as (

    select * from {{ ref('int_identity__claims') }}

),

identifiers as (

    select * from {{ ref('stg_landing__identifiers') }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

shared_identifiers as (

    select identifier_key from {{ ref('int_identity__shared_identifiers') }}
    group by identifier_key

),

counted as (

    select
        identifier_key,
        min(identifier_kind) as identifier_kind,
        min(kind_family) as kind_family,
        count(distinct identifier_set) as records,
        count(distinct source) filter (entity = 'contacts') as contact_sources,
        min(first_seen_at) as first_seen_at,
    from claims
    group by identifier_key

),

-- An identifier links everywhere, within one source, within one person's records, or nowhere; whatever no rule covers links nowhere.
guarded as (

    select
        counted.identifier_key,
        counted.identifier_kind,
        counted.kind_family,
        rules.link_kind,
        rules.priority,
        nullif(rules.requires_purpose, '') as requires_purpose,
        identifiers.identifier_key is null or identifiers.is_blocked as is_blocked,
        case
            when rules.identifier_kind is null then 'unknown_kind'
            when identifiers.identifier_key is null then 'unknown_identifier'
            when identifiers.is_blocked then coalesce(identifiers.block_reason, 'blocked')
            when counted.records > rules.max_records_per_value then 'too_many_records'
            when shared_identifiers.identifier_key is not null then 'several_people'
            when rules.link_kind = 'account' and counted.contact_sources > 1 then 'several_account_sources'
            when not rules.crosses_sources then 'one_source_only'
        end as guard_reason,
        case
            when guard_reason is null then 'everywhere'
            when guard_reason = 'several_people' then 'person'
            when guard_reason in ('several_account_sources', 'one_source_only') then 'source'
            else 'nowhere'
        end as link_scope,
        counted.records,
        counted.contact_sources,
        counted.first_seen_at,
    from counted
    left join identifiers on counted.identifier_key = identifiers.identifier_key
    left join shared_identifiers on counted.identifier_key = shared_identifiers.identifier_key
    left join rules on counted.kind_family = rules.identifier_kind

)

select * from guarded
