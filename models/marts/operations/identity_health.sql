with health as (

    select * from {{ ref('int_identity__health') }}

),

-- a night that was run again is told as it was found last
newest as (

    select
        as_of,
        people,
        people_of_several_contacts,
        contacts,
        people_of_several_contacts / nullif(people, 0) as merged_share,
        largest_person_identifiers,
        largest_person_contacts,
        identifiers,
        blocked_identifiers,
        shared_identifiers,
        common_identifiers,
        contradicting_groups,
        divided_groups,
        cut_links,
        people_drawn,
        people_merged,
        people_restored,
        people_gone,
        alike_links,
        waiting_pairs,
        people_split,
        records_joined,
        records_detached,
        people_merged / nullif(people, 0) as merge_rate,
        people_split / nullif(people, 0) as split_rate,
    from health
    qualify row_number() over (partition by as_of order by recorded_at desc) = 1

)

select * from newest
