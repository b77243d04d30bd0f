{{ config(materialized='view') }}

-- a view, so that a reader of one moment names the rows of that moment only
select * from {{ named_intervals(
    ref('int_consent__spans'), ref('int_consent__ranked_events'), ref('int_consent__identifiers'), ref('stg_consent__events'),
) }}
