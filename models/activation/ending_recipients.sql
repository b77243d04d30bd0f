with

recipients as (

    select
        recipient,
        permission_recipient,
        purpose,
        channel,
        coalesce(string_split(signal_purposes, ';'), []) as signal_purposes,
    from {{ ref('recipients') }}

),

-- how long before the end of a permission its identifier comes back: the recipient's own hours, else everybody's
leads as (

    select recipients.recipient, deadlines.lead_hours,
    from recipients
    inner join {{ ref('obligation_deadlines') }} as deadlines
        on deadlines.cause = 'expires_before_next_run'
        and deadlines.recipient in (recipients.recipient, '*')
    qualify row_number() over (partition by recipients.recipient order by deadlines.recipient = '*') = 1

),

permissions as (

    select * from {{ ref('int_consent__permissions') }}
    where is_permitted and controller = {{ own_controller() }}

),

ending_permissions as (

    select * from {{ ref('ending_permissions') }}

),

concerned as (

    select recipients.*, ending_permissions.identifier_key, min(ending_permissions.ends_at) as ends_at,
    from ending_permissions
    inner join recipients
        on (
            ending_permissions.purpose = recipients.purpose
            or list_contains(recipients.signal_purposes, ending_permissions.purpose)
        )
        and ending_permissions.channel is not distinct from recipients.channel
        and ending_permissions.recipient is not distinct from recipients.permission_recipient
    inner join leads
        on recipients.recipient = leads.recipient
        and ending_permissions.ends_at <= {{ as_of() }} + to_hours(leads.lead_hours)
    group by all

),

-- what is left then: the purpose itself, or every signal that does as well
left_then as (

    select
        concerned.recipient,
        concerned.identifier_key,
        concerned.ends_at,
        bool_or(permissions.purpose = concerned.purpose) as has_purpose,
        count(*) filter (permissions.purpose <> concerned.purpose) as signals,
        any_value(len(concerned.signal_purposes)) as signals_needed,
    from concerned
    inner join permissions
        on concerned.identifier_key = permissions.identifier_key
        and (
            permissions.purpose = concerned.purpose
            or list_contains(concerned.signal_purposes, permissions.purpose)
        )
        and permissions.channel is not distinct from concerned.channel
        and permissions.recipient is not distinct from concerned.permission_recipient
    anti join ending_permissions
        on permissions.identifier_key = ending_permissions.identifier_key
        and permissions.purpose = ending_permissions.purpose
        and permissions.channel is not distinct from ending_permissions.channel
        and permissions.recipient is not distinct from ending_permissions.recipient
    group by concerned.recipient, concerned.identifier_key, concerned.ends_at

),

ending as (

    select concerned.recipient, concerned.identifier_key, concerned.ends_at,
    from concerned
    left join left_then
        on concerned.recipient = left_then.recipient and concerned.identifier_key = left_then.identifier_key
    where not coalesce(
        left_then.has_purpose or (left_then.signals_needed > 0 and left_then.signals >= left_then.signals_needed), false
    )

)

select * from ending
