{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook=["{{ note_linked() }}", "{{ forget_touched() }}"],
) }}
{{ built_after(['int_identity__rules']) }}
with rules as (

    select * from {{ ref('identity_rules') }}

),

shared_identifiers as (

    select identifier_number from {{ ref('int_identity__shared_identifiers') }}
    group by identifier_number

),

-- most identifiers are named by few records: only those of which several things are said are counted closely
named as (

    select
        identifier_number,
        count(*) as mentions,
        min(identifier_set) as first_set,
        max(identifier_set) as last_set,
    from {{ touched_mentions() }}
    group by identifier_number

),

closely as (

    select
        mentions.identifier_number,
        count(distinct mentions.identifier_set) as records,
    from {{ touched_mentions() }} as mentions
    semi join named
        on mentions.identifier_number = named.identifier_number
        and named.mentions > 2 and named.first_set < named.last_set
    group by mentions.identifier_number

),

counted as (

    select
        named.identifier_number,
        coalesce(closely.records, 1 + (named.first_set < named.last_set)::bigint) as records,
    from named
    left join closely on named.identifier_number = closely.identifier_number

),

-- numbers that several systems' contacts claim; a contact names its account in one place
contested as (

    select crm_number as identifier_number
    from {{ ref('int_identity__records') }}
    where entity = 'contacts' and crm_number is not null and {{ only_touched('crm_number') }}
    group by crm_number
    having min(hash(source)) < max(hash(source))

),

numbered as (

    select
        counted.*,
        numbers.identifier_kind,
        numbers.kind_family,
        numbers.is_blocked,
        numbers.block_reason,
        numbers.identifier_number is not null as is_known,
    from counted
    left join {{ ref('int_identity__numbers') }} as numbers on counted.identifier_number = numbers.identifier_number

),

-- what the loader does not know is looked for in what it delivered
unknown as (

    select
        delivered_keys.identifier_number,
        any_value(delivered_keys.identifier_key) as identifier_key,
        min(delivered_keys.identifier_kind) as identifier_kind,
    from {{ ref('int_identity__delivered_keys') }} as delivered_keys
    semi join (select identifier_number from numbered where not is_known) as strange
        on delivered_keys.identifier_number = strange.identifier_number
    group by delivered_keys.identifier_number

),

identifiers as (

    select *, null as unknown_key, from numbered
    where is_known
    union all
    select
        numbered.* replace (unknown.identifier_kind as identifier_kind,
            split_part(unknown.identifier_kind, ':', 1) as kind_family, true as is_blocked),
        unknown.identifier_key,
    from numbered
    inner join unknown on numbered.identifier_number = unknown.identifier_number

),

-- An identifier links everywhere, within one source, within one person's records, or nowhere; whatever no rule covers links nowhere.
guarded as (

    select
        identifiers.identifier_number,
        identifiers.unknown_key,
        identifiers.identifier_kind,
        rules.link_kind,
        rules.priority,
        nullif(rules.requires_purpose, '') as requires_purpose,
        identifiers.is_blocked,
        case
            when rules.identifier_kind is null then 'unknown_kind'
            when not identifiers.is_known then 'unknown_identifier'
            when identifiers.is_blocked then coalesce(identifiers.block_reason, 'blocked')
            when identifiers.records > rules.max_records_per_value then 'too_many_records'
            when shared_identifiers.identifier_number is not null then 'several_people'
            when rules.link_kind = 'account' and contested.identifier_number is not null then 'several_account_sources'
            when not rules.crosses_sources then 'one_source_only'
        end as guard_reason,
        case
            when guard_reason is null then 'everywhere'
            when guard_reason = 'several_people' then 'person'
            when guard_reason in ('several_account_sources', 'one_source_only') then 'source'
            else 'nowhere'
        end as link_scope,
        identifiers.records,
    from identifiers
    left join contested on identifiers.identifier_number = contested.identifier_number
    left join shared_identifiers on identifiers.identifier_number = shared_identifiers.identifier_number
    left join rules on identifiers.kind_family = rules.identifier_kind

)

select * from guarded
