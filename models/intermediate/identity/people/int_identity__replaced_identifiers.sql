with

contact_versions as (

    select * from {{ ref('int_identity__contact_versions') }}

),

mentions as (

    select identifier_number, entity, first_seen_at, from {{ ref('int_identity__mentions') }}

),

events as (

    select identifier_key, occurred_at, from {{ ref('stg_consent__events') }}
    where action in (select action from {{ ref('consent_actions') }} where effect = 'positive')

),

points as (

    select record_key, version_number, changed_at, 'email' as identifier_kind, email_key as identifier_key,
    from contact_versions
    where email_key is not null
    union all
    select record_key, version_number, changed_at, 'phone', phone_key,
    from contact_versions
    where phone_key is not null

),

-- the moment from which a record names another one, seen from its newest version (number 1) backwards
followed as (

    select
        record_key,
        identifier_kind,
        identifier_key,
        version_number,
        lag({identifier_key: identifier_key, changed_at: changed_at}) over (
            partition by record_key, identifier_kind order by version_number
        ) as next_version,
    from points

),

replaced as (

    select
        identifier_key,
        identifier_kind,
        max(next_version.changed_at) as replaced_at,
    from followed
    where next_version.identifier_key <> identifier_key
    group by identifier_key, identifier_kind

),

-- whoever is named by a record's newest version, or has given it again since, still uses it
in_use as (

    select replaced.identifier_key,
    from replaced
    inner join mentions
        on {{ key_number('replaced.identifier_key') }} = mentions.identifier_number
        and (mentions.entity = 'contacts' or replaced.replaced_at < mentions.first_seen_at)
    union
    select replaced.identifier_key,
    from replaced
    inner join events
        on replaced.identifier_key = events.identifier_key and replaced.replaced_at < events.occurred_at

)

select * from replaced
where identifier_key not in (select identifier_key from in_use)
