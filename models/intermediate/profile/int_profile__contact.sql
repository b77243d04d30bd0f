with persons as (

    select * from {{ ref('int_identity__persons') }}

),

identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}
    where not is_blocked

),

person_records as (

    select * from {{ ref('int_identity__person_records') }}

),

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

attributes as (

    select * from {{ ref('int_identity__person_attributes') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

known_by as (

    select
        person_id,
        bool_or(link_kind = 'account') as has_account,
        bool_or(identifier_kind = 'email') as has_email,
        bool_or(identifier_kind = 'phone') as has_phone,
        bool_or(starts_with(identifier_kind, 'nickname:')) as has_nickname,
    from identifiers
    group by person_id

),

recorded as (

    select
        person_records.person_id,
        list(distinct person_records.source order by person_records.source) as sources,
        coalesce(bool_or(contacts.has_name), false) as has_name,
        coalesce(bool_or(contacts.has_address), false) as has_address,
    from person_records
    left join contacts on person_records.record_key = contacts.record_key
    group by person_records.person_id

),

described as (

    select
        person_id,
        max(value) filter (attribute = 'country') as country,
        max(value) filter (attribute = 'language') as language,
        max(try_cast(value as date)) filter (attribute = 'birth_date') as birth_date,
    from attributes
    group by person_id

),

joined as (

    select
        persons.person_id,
        recorded.sources,
        persons.record_count,
        coalesce(known_by.has_account, false) as has_account,
        coalesce(known_by.has_email, false) as has_email,
        coalesce(known_by.has_phone, false) as has_phone,
        coalesce(known_by.has_nickname, false) as has_nickname,
        recorded.has_name,
        recorded.has_address,
        described.country,
        described.language,
        cast(date_part('year', described.birth_date) as integer) as birth_year,
        age_bands.age_band,
        persons.first_seen_at,
    from persons
    inner join recorded on persons.person_id = recorded.person_id
    left join known_by on persons.person_id = known_by.person_id
    left join described on persons.person_id = described.person_id
    left join age_bands
        on date_part('year', age({{ as_of() }}, described.birth_date)) >= age_bands.from_age
        and date_part('year', age({{ as_of() }}, described.birth_date)) < age_bands.to_age

)

select * from joined
