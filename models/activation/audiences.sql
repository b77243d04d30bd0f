{{ config(schema='reference') }}

with

segment_destinations as (

    select * from {{ source('lineage', 'segment_destinations') }}

)

select
    segment,
    recipient,
from segment_destinations
