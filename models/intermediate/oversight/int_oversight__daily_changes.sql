with

combinations as (

    select combination_id, channel, from {{ ref('int_consent__combinations') }}

),

person_links as (

    select * from {{ ref('int_identity__person_links') }}

),

countries as (

    select * from {{ ref('int_consent__identifier_countries') }}

),

closures as (

    select * from {{ ref('int_oversight__closures') }}

),

identifiers as (

    select identifier_number, identifier_key, from {{ ref('int_consent__identifiers') }}
    where controller = {{ own_controller() }}

),

spans as (

    select * from {{ ref('int_consent__spans') }}

),

-- what is known today of everything that holds on some day of the window
intervals as (

    select
        spans.key_number % {{ combinations_per_identifier() }} as combination_id,
        identifiers.identifier_key,
        spans.is_permitted,
        spans.holds_negative,
        greatest(spans.valid_from, {{ coverage_starts_at() }}) as valid_from,
        spans.valid_to,
        least(spans.valid_to, spans.expires_at - to_days({{ var('consent_expiring_days') }})) as long_until,
    from spans
    inner join identifiers
        on spans.key_number // {{ combinations_per_identifier() }} = identifiers.identifier_number
    where
        spans.known_from <= {{ latest_known() }} and {{ latest_known() }} < spans.known_to
        and {{ coverage_starts_at() }} < spans.valid_to and spans.valid_from <= {{ as_of() }}
        and spans.rule_id <> 'R13'

),

owned as (

    select intervals.*, person_links.person_id, person_links.may_grant,
    from intervals
    inner join person_links on intervals.identifier_key = person_links.identifier_key

),

-- R4: a list too old takes the permission away while it is
closed as (

    select
        owned.person_id,
        owned.combination_id,
        greatest(owned.valid_from, closures.closed_from) as closed_from,
        least(owned.valid_to, closures.closed_to) as closed_to,
    from owned
    inner join combinations on owned.combination_id = combinations.combination_id
    inner join closures on combinations.channel = closures.channel
    left join countries on owned.identifier_key = countries.identifier_key
    where
        owned.is_permitted and owned.may_grant
        and (closures.country is null or countries.countries is null or list_contains(countries.countries, closures.country))
        and owned.valid_from < closures.closed_to and closures.closed_from < owned.valid_to

),

-- every moment at which something begins or ends for a person: yeses, those that last a while yet, noes
moments as (

    select person_id, combination_id, valid_from as changes_at, 1 as yes, 0 as lasting, 0 as no,
    from owned where is_permitted and may_grant
    union all
    select person_id, combination_id, valid_to, -1, 0, 0 from owned where is_permitted and may_grant
    union all
    select person_id, combination_id, valid_from, 0, 1, 0
    from owned where is_permitted and may_grant and valid_from < long_until
    union all
    select person_id, combination_id, long_until, 0, -1, 0
    from owned where is_permitted and may_grant and valid_from < long_until
    union all
    select person_id, combination_id, valid_from, 0, 0, 1 from owned where holds_negative
    union all
    select person_id, combination_id, valid_to, 0, 0, -1 from owned where holds_negative
    union all
    select person_id, combination_id, closed_from, -1, 0, 0 from closed
    union all
    select person_id, combination_id, closed_to, 1, 0, 0 from closed

),

per_moment as (

    select person_id, combination_id, changes_at, sum(yes) as yes, sum(lasting) as lasting, sum(no) as no,
    from moments
    where changes_at <= {{ as_of() }}
    group by person_id, combination_id, changes_at

),

running as (

    select
        person_id,
        combination_id,
        changes_at,
        sum(yes) over history > 0 as has_yes,
        sum(lasting) over history > 0 as has_lasting,
        sum(no) over history > 0 as has_no,
    from per_moment
    window history as (partition by person_id, combination_id order by changes_at)

),

-- a yes counts while no linked identifier holds a no
stated as (

    select
        combination_id,
        changes_at,
        cast(has_yes and not has_no as integer) as permitted,
        cast(has_yes and not has_no and not has_lasting as integer) as expiring,
        cast(has_no as integer) as denied,
        lag({permitted: permitted, expiring: expiring, denied: denied}) over history as earlier,
    from running
    window history as (partition by person_id, combination_id order by changes_at)

),

-- people about whom anything is said, from the first word on
asked as (

    select combination_id, min(valid_from) as changes_at,
    from owned
    group by combination_id, person_id

),

changes as (

    select
        combination_id,
        cast(changes_at as date) as day,
        0 as asked,
        permitted - coalesce(earlier.permitted, 0) as permitted,
        expiring - coalesce(earlier.expiring, 0) as expiring,
        denied - coalesce(earlier.denied, 0) as denied,
    from stated

    union all

    select combination_id, cast(changes_at as date), 1, 0, 0, 0 from asked

),

daily as (

    select
        combination_id,
        day,
        sum(asked)::bigint as asked,
        sum(permitted)::bigint as permitted,
        sum(expiring)::bigint as expiring,
        sum(denied)::bigint as denied,
    from changes
    group by combination_id, day

)

select * from daily
