"""What a platform told about identifiers and is to be remembered: its own ids for them, and who opted out there.

Ids lie in the vault under the identifier's key, so that what forgets the identifier forgets them too. An opt-out is a
withdrawal of consent and goes to the consent ledger: the next build finds it there like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from samtykke.activation.tables import registered, transaction
from samtykke.storage.chain import append_chained


@dataclass(frozen=True)
class PlatformId:
    """What a platform calls an identifier: the id, the one before it, and until when to ask no more."""

    current: str
    previous: str | None
    valid_until: datetime


class Memory:
    """One recipient's memory; cells are what the platform gets of an identifier, as ``compose`` made them."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        platform: str,
        recipient: str,
        controller: str,
        as_of: datetime,
        now: datetime,
    ):
        """Take where to remember, for whom, and when it is.

        Args:
            connection: A home's with vault and ledger, the recipient's rows composed.
            platform: Whose ids.
            recipient: Who is sent to.
            controller: Who consent events are given to.
            as_of: The moment of the audiences: what a platform says now holds from then on.
            now: Our clock, UTC.
        """
        self._connection = connection
        self._platform = platform
        self._recipient = recipient
        self._controller = controller
        self._as_of = as_of
        self._now = now

    def valid(self, kind: str, cells: Iterable[str]) -> dict[str, str]:
        """Return the ids by cell that need not be asked for again."""
        stored = self._ask(
            """
            select cells.cell, ids.platform_id from {keys}
            where ids.valid_until > $now
            qualify row_number() over (partition by cells.cell order by ids.mapped_at desc, ids.platform_id) = 1
            """,
            kind,
            cells,
            {"now": self._now},
        )
        return dict(stored)

    def every(self, kind: str, cells: Iterable[str]) -> dict[str, set[str]]:
        """Return all ids by cell that may still stand at the platform."""
        found: dict[str, set[str]] = {}
        for cell, known in self._ask("select cells.cell, ids.platform_id from {keys}", kind, cells, {}):
            found.setdefault(cell, set()).add(known)
        return found

    def remember(self, kind: str, ids: Mapping[str, PlatformId], keep: timedelta) -> None:
        """Keep ids by cell, and forget what was kept so long that the platform has forgotten it too."""
        rows = [
            (cell, told, until)
            for cell, one in ids.items()
            for told, until in ((one.current, one.valid_until), (one.previous, None))
            if told
        ]
        table = pa.table(
            {
                "cell": pa.array([row[0] for row in rows], pa.string()),
                "platform_id": pa.array([row[1] for row in rows], pa.string()),
                "valid_until": pa.array([row[2] for row in rows], pa.timestamp("us")),
            }
        )
        with transaction(self._connection), registered(self._connection, "told_ids", table):
            self._connection.execute(
                "delete from vault.platform_ids where platform = $1 and coalesce(valid_until, mapped_at) < $2",
                [self._platform, self._now - keep],
            )
            self._connection.execute(
                """
                insert into vault.platform_ids by name
                select distinct
                    $platform as platform, cells.identifier_key, told.platform_id, told.valid_until, $now as mapped_at,
                from told_ids as told
                inner join export_cells as cells on told.cell = cells.cell and cells.identifier_kind = $kind
                """,
                {"platform": self._platform, "kind": kind, "now": self._now},
            )

    def opted_out(self, kind: str, cells: Iterable[str]) -> int:
        """Write withdrawals to the consent ledger, for this recipient alone; what it knows already is not repeated.

        Returns:
            How many were written.
        """
        table = pa.table({"cell": pa.array(sorted(set(cells)), pa.string())})
        with transaction(self._connection), registered(self._connection, "opted_out", table):
            return append_chained(
                self._connection,
                "ledger.consent_events",
                f"""
                with blank as (select * exclude (seq, row_hash, prev_hash) from ledger.consent_events limit 0),
                said as (
                    select distinct
                        sha256(concat_ws(chr(31), 'opt_out', '{self._platform}', cells.identifier_key,
                            recipients.purpose, '{self._as_of}')) as event_id,
                        '{self._platform}' as source, cells.identifier_kind, cells.identifier_key, recipients.purpose,
                        recipients.channel,
                        coalesce(recipients.permission_recipient, recipients.recipient) as recipient,
                        '{_text(self._controller)}' as controller, 'withdrawn' as action, 'consent' as basis,
                        false as is_default, 'subject' as actor, 'platform_opt_out' as method,
                        timestamp '{self._as_of}' as occurred_at, 'exact' as occurred_precision,
                        timestamp '{self._now}' as recorded_at, timestamp '{self._now}' as loaded_at,
                        'platform_answer' as raw_kind, 'optout' as raw_value,
                    from opted_out
                    inner join export_cells as cells
                        on opted_out.cell = cells.cell and cells.identifier_kind = '{_text(kind)}'
                    inner join reference.recipients as recipients on recipients.recipient = '{_text(self._recipient)}'
                )
                select * from blank
                union all by name
                select * from said where event_id not in (select event_id from ledger.consent_events)
                """,
                order_by="event_id",
            )

    def _ask(self, query: str, kind: str, cells: Iterable[str], values: Mapping[str, object]) -> list[tuple]:
        keys = """asked_cells as asked
            inner join export_cells as cells on asked.cell = cells.cell and cells.identifier_kind = $kind
            inner join vault.platform_ids as ids
                on cells.identifier_key = ids.identifier_key and ids.platform = $platform"""
        table = pa.table({"cell": pa.array(sorted(set(cells)), pa.string())})
        with registered(self._connection, "asked_cells", table):
            return self._connection.execute(
                query.replace("{keys}", keys), {"kind": kind, "platform": self._platform, **values}
            ).fetchall()


def _text(value: str) -> str:
    return value.replace("'", "''")
