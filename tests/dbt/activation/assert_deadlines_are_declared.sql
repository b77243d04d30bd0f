-- Without these rows nothing would have a due time, and nobody would be taken out before a permission ends.
{{ config(meta={'dagster': {'ref': {'name': 'obligation_deadlines'}}}) }}

with

needed as (

    select 'remove' as duty, '*' as cause, false as needs_lead
    union all
    select 'notify', '*', false
    union all
    select 'remove', 'expires_before_next_run', true
    union all
    select 'refresh', 'platform_limit', true

),

missing as (

    select needed.*
    from needed
    anti join {{ ref('obligation_deadlines') }} as declared
        on needed.duty = declared.duty
        and needed.cause = declared.cause
        and declared.recipient = '*'
        and (not needs_lead or declared.lead_hours > 0)

)

select * from missing
