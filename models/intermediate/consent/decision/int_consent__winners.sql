{{ config(materialized='view') }}

select * from {{ winners(
    ref('int_consent__boundaries'), ref('int_consent__whole_key'), ref('int_consent__ranked_events'),
    ref('int_consent__event_kinds'), ref('int_consent__notice_changes'),
) }}
