-- Interests by their number in seeds/interest_taxonomy.csv.
select person_id
from {{ ref('person_interests') }}
where
    polarity > 0
    and interest_id in (
        '159', -- Outdoor Activities
        '227', -- Running and Jogging
        '492', -- Cycling
        '499', -- Canoeing and Kayaking
        '500', -- Climbing
        '511', -- Fishing Sports
        '530', -- Sailing
        '531', -- Skiing
        '542', -- Walking
        '677'  -- Camping
    )
group by person_id
