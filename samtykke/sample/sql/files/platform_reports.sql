-- what the platforms say of last season's uploads, in their own words and definitions
with audience as (
    select recipient, segment as audience, week, definition, people() * (6 + draw(week, segment, 6)) // 100 as received, draw(week * 8 + length(recipient), segment, 1000) as luck
    from (values ('meta', 'matched people, lower and upper bound'), ('google', 'match rate range of the upload'), ('mailchimp', 'deliverable addresses')) as recipients(recipient, definition)
    cross join (values ('bought_jeans'), ('bought_summer_dresses_last_year'), ('lapsed_buyers')) as segments(segment)
    cross join range(8) as weeks(week)
)
select
    recipient, audience,
    (as_of() - to_days((4 + 7 * week)::int))::date as report_date,
    received,
    received * (luck % 4) // 100 as invalid,
    received * (62 + luck % 15) // 100 as matched_low,
    received * (66 + luck % 15 + luck % 7) // 100 as matched_high,
    received * (40 + luck % 20) // 100 as reach,
    definition,
from audience
order by recipient, audience, week
