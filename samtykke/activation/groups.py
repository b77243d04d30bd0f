"""Which rows may share a request: batches are cut within a group."""

from __future__ import annotations

import duckdb

from samtykke.activation.destinations.api import ACCOUNT_WIDE, GRANTED, UNSPECIFIED
from samtykke.activation.targets import Target


def assign_groups(
    connection: duckdb.DuckDBPyConnection,
    reached: Target,
    recipient: str,
    *,
    allowed: str = "activation.audience_identifiers",
) -> None:
    """Set ``batch_group`` of the planned rows as the interface needs it.

    Additions are grouped by consent where the platform has a field for it: granted where an event of the person
    authorises every identifier, unspecified where the permission rests on something else. Removals of people who may be
    sent to the recipient for no segment at all are account-wide where the platform can do that.

    Args:
        connection: With the plan's tables.
        reached: The recipient's interface.
        recipient: Its name.
        allowed: Table of the identifiers that some recipient may be sent for some segment.
    """
    if reached.interface.consent_fields:
        connection.execute(f"""
            update export_adds set batch_group = own.batch_group
            from ({desired_groups(reached)}) as own where export_adds.digest = own.digest
        """)
    if "account_wide" in reached.interface.modes:
        connection.execute(
            f"""
            update export_removes set batch_group = $group
            where reason = 'permission_ended' and digest not in (
                select members.digest from export_held_members as members
                inner join {allowed} as allowed
                    on members.identifier_key = allowed.identifier_key and allowed.recipient = $recipient
            )
            """,
            {"group": ACCOUNT_WIDE, "recipient": recipient},
        )


def desired_groups(reached: Target) -> str:
    """Return SQL for the group of every row that shall be there: ``digest`` and ``batch_group``."""
    if not reached.interface.consent_fields:
        return "select digest, '' as batch_group from export_desired"
    return f"""
        select digest, if(bool_and(authorising_event_id is not null), '{GRANTED}', '{UNSPECIFIED}') as batch_group
        from export_desired_members group by digest
    """
