{{ config(materialized='view') }}

select * from {{ newest_anchors(ref('int_identity__person_registry')) }}
