"""What a night leaves behind that no later night can count again: the audiences' figures, and who was drawn for which
arm of a hold-out.

Whoever buys may leave the segment, so that tonight's members cannot tell what the hold-out did: each person's arm is
kept from the first night on which both arms were open to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from samtykke.activation.tables import transaction
from samtykke.storage.chain import append_chained

_FIGURES = (
    "eligible", "consented", "held_out", "addressable", "sendable", "in_file", "sent", "received", "matched_low",
    "matched_high", "report_date", "last_sent_at", "ends_at", "forgotten_at",
)  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """What was appended: audiences with figures, people with an arm."""

    audiences: int
    people: int


def record_night(connection: duckdb.DuckDBPyConnection) -> Recorded:
    """Append tonight's figures and arms to the ledger; what stands there already is not written again.

    Args:
        connection: A home's, with the models of the activation built and the ledger open for writing.
    """
    figures = ", ".join(f"tonight.{name}" for name in _FIGURES)
    same = " and ".join(f"recorded.{name} is not distinct from tonight.{name}" for name in _FIGURES)
    with transaction(connection):
        audiences = append_chained(
            connection,
            "ledger.audience_nights",
            f"""
            select tonight.recipient, tonight.segment, tonight.as_of, {figures}
            from activation.audience_tonight as tonight
            left join (
                from ledger.audience_nights
                qualify row_number() over (partition by recipient, segment, as_of order by seq desc) = 1
            ) as recorded
                on tonight.recipient = recorded.recipient and tonight.segment = recorded.segment
                and tonight.as_of = recorded.as_of
            where recorded.seq is null or not ({same})
            """,
            order_by="recipient, segment",
        )
        people = append_chained(
            connection,
            "ledger.audience_draws",
            """
            select
                arms.recipient, arms.segment, arms.holdout_salt, arms.holdout_share, arms.person_id, arms.is_held_out,
                gate.as_of as entered_at,
            from activation.audience_arms as arms
            cross join activation.export_gate as gate
            anti join ledger.audience_draws as drawn
                on arms.recipient = drawn.recipient and arms.segment = drawn.segment
                and arms.person_id = drawn.person_id and arms.holdout_salt = drawn.holdout_salt
                and arms.holdout_share = drawn.holdout_share
            """,
            order_by="recipient, segment, person_id",
        )
    return Recorded(audiences, people)
