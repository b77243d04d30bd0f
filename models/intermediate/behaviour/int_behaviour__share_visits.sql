with shares as (

    select * from {{ ref('int_behaviour__shares') }}

),

clicks as (

    select * from {{ ref('int_behaviour__clicks') }}
    where share_id is not null

),

countable as (

    select * from {{ ref('int_behaviour__countable_visits') }}

),

identifier_persons as (

    select hash(identifier_key) as identifier_id, person_id from {{ ref('int_behaviour__identifier_persons') }}

),

-- browsers that somebody has logged in with, whoever uses them next
own_browsers as (

    select clicks.visitor_id, identifier_persons.person_id
    from {{ ref('int_behaviour__clicks') }} as clicks
    inner join identifier_persons on clicks.login_id = identifier_persons.identifier_id
    group by clicks.visitor_id, identifier_persons.person_id

),

identifiers as (

    select person_id, identifier_key from {{ ref('int_identity__person_identifiers') }}
    where not is_blocked

),

through_links as (

    select
        clicks.share_id,
        clicks.session_id,
        clicks.visitor_id,
        countable.person_id as visitor_person_id,
        shares.linked_person_id as sharer_person_id,
        clicks.occurred_at as visited_at,
    from clicks
    inner join shares on clicks.share_id = shares.share_id
    inner join countable on clicks.session_id = countable.session_id
    left join own_browsers
        on clicks.visitor_id = own_browsers.visitor_id
        and shares.linked_person_id = own_browsers.person_id
    where
        clicks.occurred_at >= shares.created_at
        and (countable.person_id is null or countable.person_id is distinct from shares.linked_person_id)
        and own_browsers.visitor_id is null
        and clicks.visitor_id is distinct from hash(shares.identifier_key)
    qualify row_number() over (
        partition by clicks.share_id, clicks.visitor_id
        order by clicks.occurred_at, clicks.click_id
    ) = 1

),

-- two people who have a mailbox, a telephone or a browser in common live together, or are one
households as (

    select through_links.sharer_person_id, through_links.visitor_person_id
    from through_links
    inner join identifiers as mine on through_links.sharer_person_id = mine.person_id
    inner join identifiers as theirs
        on through_links.visitor_person_id = theirs.person_id
        and mine.identifier_key = theirs.identifier_key
    group by through_links.sharer_person_id, through_links.visitor_person_id

),

-- A visit through a link counts once per visitor and link. The visits of the sharer, of the sharer's browser and of the
-- sharer's household prove nothing.
visits as (

    select through_links.*
    from through_links
    anti join households
        on through_links.sharer_person_id = households.sharer_person_id
        and through_links.visitor_person_id = households.visitor_person_id

)

select * from visits
