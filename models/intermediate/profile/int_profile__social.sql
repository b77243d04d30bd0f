with withheld_identifiers as (

    select identifier_key, person_id from {{ ref('int_identity__withheld_identifiers') }}
    where purpose = 'enrichment.social'

),

handles as (

    select * from {{ ref('int_identity__person_identifiers') }}
    anti join withheld_identifiers using (identifier_key, person_id)
    where link_kind = 'name' and starts_with(identifier_kind, 'handle:') and not is_blocked and not is_shared

),

profiles as (

    select * from {{ ref('stg_social__profiles') }}

),

posts as (

    select * from {{ ref('stg_social__posts') }}

),

-- several sources may have observed one handle: the newest observation counts
observed as (

    select handle_key, followers, is_verified from profiles
    qualify row_number() over (partition by handle_key order by observed_at desc, record_key) = 1

),

posted as (

    select
        handle_key,
        count(*) as posts,
        max(posted_at) as last_posted_at,
    from posts
    group by handle_key

),

summed as (

    select
        handles.person_id,
        count(*) as handles,
        list(distinct split_part(handles.identifier_kind, ':', 2) order by split_part(handles.identifier_kind, ':', 2)) as platforms,
        cast(sum(observed.followers) as bigint) as followers,
        cast(coalesce(sum(posted.posts), 0) as bigint) as posts,
        max(posted.last_posted_at) as last_posted_at,
    from handles
    left join observed on handles.identifier_key = observed.handle_key
    left join posted on handles.identifier_key = posted.handle_key
    group by handles.person_id

)

select * from summed
