with

ending_permissions as (

    select * from {{ ref('ending_permissions') }}
    where channel is null and recipient is null

),

permissions as (

    select * from {{ ref('int_consent__permissions') }}
    where is_permitted and channel is null and recipient is null and controller = {{ own_controller() }}

),

purposes as (

    select purpose, from {{ ref('purposes') }}
    where not is_permitted_by_contract

),

person_links as (

    select * from {{ ref('int_identity__person_links') }}
    where may_grant

),

-- the people behind a use that some identifier of theirs permits for a little while only
concerned as (

    select person_links.person_id, ending_permissions.purpose,
    from ending_permissions
    inner join person_links on ending_permissions.identifier_key = person_links.identifier_key
    inner join purposes on ending_permissions.purpose = purposes.purpose
    group by all

),

-- another identifier that permits for longer keeps the use
ending as (

    select
        concerned.person_id,
        concerned.purpose,
        max(ending_permissions.ends_at) as ends_at,
    from concerned
    inner join person_links on concerned.person_id = person_links.person_id
    inner join permissions
        on person_links.identifier_key = permissions.identifier_key
        and concerned.purpose = permissions.purpose
    left join ending_permissions
        on permissions.identifier_key = ending_permissions.identifier_key
        and permissions.purpose = ending_permissions.purpose
    group by concerned.person_id, concerned.purpose
    having bool_and(ending_permissions.identifier_key is not null)

)

select * from ending
