{#-
    What an identifier permits to each recipient: the permission of its purpose; where that does not permit, all signals
    that the recipient's platform demands beside, each granted, do as well. Of these the one that ends first speaks.
    Args: permissions: relation of one (T, K); recipients: relation of the seed with lists for texts.
-#}
{% macro signalled_permissions(permissions, recipients) -%}
(
    with answers as (

        select
            permissions.identifier_key,
            permissions.controller,
            recipients.recipient,
            permissions.is_permitted,
            permissions.purpose = recipients.purpose as is_own,
            len(recipients.signal_purposes) as signals_needed,
            count(*) filter (permissions.is_permitted and permissions.purpose <> recipients.purpose)
                over (partition by permissions.identifier_key, permissions.controller, recipients.recipient) as signals_given,
            permissions.purpose,
            permissions.state,
            permissions.rule_id,
            permissions.reason,
            permissions.winning_event_id,
            permissions.expires_at,
        from {{ permissions }} as permissions
        inner join {{ recipients }} as recipients
            on
                (permissions.purpose = recipients.purpose or list_contains(recipients.signal_purposes, permissions.purpose))
                and permissions.channel = recipients.channel
                and permissions.recipient is not distinct from recipients.permission_recipient
        where permissions.controller = {{ own_controller() }}

    )

    select * from answers
    where is_own or (is_permitted and signals_given = signals_needed)
    qualify row_number() over (
        partition by identifier_key, controller, recipient
        order by is_own and is_permitted desc, is_own, expires_at nulls last, purpose
    ) = 1
)
{%- endmacro %}
