with conflicts as (

    select * from {{ ref('int_identity__conflicts') }}

)

select
    conflict_key,
    people,
    records,
    identifiers,
    cut_links,
    outcome,
from conflicts
