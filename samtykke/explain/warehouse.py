"""What an explanation reads from the warehouse: the audit functions at (T, K), and tables of the last run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb

from samtykke.explain.answer import Row
from samtykke.settings import ConfigurationError, Settings
from samtykke.storage.connect import open_home
from samtykke.storage.lock import home_lock

# The last moment that the models' intervals contain: "everything that is known".
END_OF_KNOWLEDGE = datetime(9999, 12, 30, 23, 59, 59)
_LOCK_WAIT_SECONDS = 2.0


@dataclass(frozen=True)
class Warehouse:
    """A home's decisions at one (T, K)."""

    connection: duckdb.DuckDBPyConnection
    at: datetime
    known_at: datetime

    def rows(self, query: str, **values: object) -> list[Row]:
        """Return the rows of a query as mappings; ``$at`` and ``$known`` stand for T and K."""
        given = {"at": self.at, "known": self.known_at, **values}
        used = {name: value for name, value in given.items() if f"${name}" in query}
        cursor = self.connection.execute(query, used)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def known_keys(self, keys: Sequence[str]) -> list[Row]:
        """Return which keys were ever seen, with their kind: on a record, in the ledger, or erased."""
        return self.rows(f"""
            select identifier_key, min(identifier_kind) as identifier_kind
            from (
                select identifier_key, identifier_kind from raw.identifiers where identifier_key in ({listed(keys)})
                union all
                select identifier_key, identifier_kind from intermediate.int_consent__identifiers
                where identifier_key in ({listed(keys)})
                union all
                select identifier_key, null from ledger.tombstones where identifier_key in ({listed(keys)})
            )
            group by identifier_key
        """)

    def persons_of(self, key: str) -> list[str]:
        """Return whose identifier it is."""
        found = self.rows(
            "select distinct person_id::varchar as person_id from intermediate.int_identity__person_identifiers "
            "where identifier_key = $key order by 1",
            key=key,
        )
        return [row["person_id"] for row in found]

    def current_person(self, person_id: str) -> str | None:
        """Return who a drawn person is today, also after a merge; None for nobody."""
        found = self.rows(
            "select current_person_id::varchar as person_id from intermediate.int_identity__person_aliases "
            "where person_id = $person::uuid",
            person=person_id,
        )
        return found[0]["person_id"] if found else None

    def identifiers_of(self, person_id: str) -> list[Row]:
        """Return a person's identifiers, and those believed to be the same human's."""
        return self.rows(
            """
            select links.identifier_key, coalesce(kinds.identifier_kind, ledger.identifier_kind) as identifier_kind,
                links.may_grant, coalesce(owned.is_blocked, false) as is_blocked,
                coalesce(owned.is_shared, false) as is_shared, owned.identifier_key is not null as is_own
            from intermediate.int_identity__person_links as links
            left join intermediate.int_identity__person_identifiers as owned
                on links.person_id = owned.person_id and links.identifier_key = owned.identifier_key
            left join raw.identifiers as kinds on links.identifier_key = kinds.identifier_key
            left join (
                select identifier_key, min(identifier_kind) as identifier_kind
                from intermediate.int_consent__identifiers group by identifier_key
            ) as ledger on links.identifier_key = ledger.identifier_key
            where links.person_id = $person::uuid order by identifier_kind, links.identifier_key
            """,
            person=person_id,
        )

    def recipients(self) -> list[Row]:
        """Return the declared recipients."""
        return self.rows("""
            select recipient, title, permission_recipient, purpose, channel,
                string_split(identifier_kinds, ';') as identifier_kinds
            from reference.recipients order by recipient
        """)

    def at_recipients(self, person_id: str) -> list[Row]:
        """Return one row per recipient: what the exit gate says of a person."""
        return self.rows(
            "select * replace (person_id::varchar as person_id) from audit.recipient_people_at($at, $known) "
            "where person_id = $person::uuid",
            person=person_id,
        )

    def identifiers_at_recipients(self, person_id: str) -> list[Row]:
        """Return one row per recipient and identifier: what the exit gate says of it."""
        return self.rows(
            "select * replace (person_id::varchar as person_id) from audit.recipient_identifiers_at($at, $known) "
            "where person_id = $person::uuid order by recipient, identifier_kind, identifier_key",
            person=person_id,
        )

    def rules(self, keys: Sequence[str]) -> list[Row]:
        """Return thirteen rows per identifier and combination, with evidence; none where nothing was ever said.

        One query per identifier: only an equality and a range of key numbers reach the tables behind the views, so that
        the history of everybody else is not told too (measured: with a list of keys it is).
        """
        numbers = self.rows(f"""
            select identifier_key, identifier_number * 65536 as first, (identifier_number + 1) * 65536 as next
            from intermediate.int_consent__identifiers where identifier_key in ({listed(keys)})
            order by identifier_key, controller
        """)
        return [
            rule
            for row in numbers
            for rule in self.rows(
                """
                select * from audit.rules_at($at, $known)
                where identifier_key = $key and key_number >= $first and key_number < $next
                order by controller, purpose, channel, recipient, rule_number
                """,
                key=row["identifier_key"],
                first=row["first"],
                next=row["next"],
            )
        ]

    def denials(self, keys: Sequence[str]) -> list[Row]:
        """Return every no that one of the identifiers holds or will hold, with the event behind it."""
        return self.rows(f"""
            select denials.*, events.source, events.actor, events.action, events.occurred_at,
                events.occurred_precision, events.loaded_at
            from audit.denials_at($at, $known) as denials
            left join staging.stg_consent__events as events on denials.winning_event_id = events.event_id
            where denials.identifier_key in ({listed(keys)})
            order by denials.identifier_key, denials.purpose, denials.channel, denials.recipient
        """)

    def uses(self, person_id: str) -> list[Row]:
        """Return one row per purpose of use: what the use gate says of a person, with the event behind it."""
        return self.rows(
            """
            select uses.purpose, uses.is_permitted, uses.state, uses.rule_id, uses.reason, reasons.says as statement,
                uses.winning_event_id as event_id, events.identifier_key, events.source, events.actor, events.action,
                events.occurred_at, events.occurred_precision, events.loaded_at, events.notice_id,
                events.notice_version, events.notice_locale
            from audit.person_permissions_at($at, $known) as uses
            left join reference.consent_reasons as reasons on split_part(uses.reason, ':', 1) = reasons.reason
            left join staging.stg_consent__events as events on uses.winning_event_id = events.event_id
            where uses.person_id = $person::uuid order by uses.purpose
            """,
            person=person_id,
        )

    def door(self, keys: Sequence[str]) -> list[Row]:
        """Return what the door of the last run says of social data of the identifiers."""
        return self.rows(
            """
            select purpose, bool_or(is_permitted) and not bool_or(is_denied) as is_permitted,
                coalesce(min(reason) filter (is_denied), min(reason) filter (is_permitted), min(reason)) as reason
            from intermediate.int_consent__door_permissions
            where identifier_key in (select unnest($keys)) group by purpose order by purpose
            """,
            keys=list(keys),
        )

    def segments(self, person_id: str) -> list[Row]:
        """Return one row per audience of the last run: in it, or the one reason why not."""
        return self.rows(
            """
            select audiences.recipient, audiences.segment, coalesce(members.included, false) as included,
                case when members.person_id is null then 'not_in_segment' else members.reason end as reason,
                members.refused_purpose, members.rule_id, members.deciding_event_id,
                coalesce(needed.purposes, []) as purposes
            from reference.audiences as audiences
            left join marts.audience_members as members
                on audiences.recipient = members.recipient and audiences.segment = members.segment
                and members.person_id = $person::uuid
            left join (
                select segment, list(distinct purpose order by purpose) as purposes
                from lineage.segment_purposes group by segment
            ) as needed on audiences.segment = needed.segment
            order by audiences.recipient, audiences.segment
            """,
            person=person_id,
        )

    def exports(self, keys: Sequence[str]) -> list[Row]:
        """Return what left and what came back by K, oldest first."""
        return self.rows(
            """
            select sent.recipient, sent.segment, sent.operation, sent.identifier_kind, sent.identifier_key,
                sent.person_id::varchar as person_id, sent.build_id, sent.as_of, builds.requested_at,
                builds.acknowledged_at, builds.state, sent.purposes, sent.authorising_event_id, sent.reason
            from ledger.export_rows as sent
            inner join ledger.export_build_states as builds on sent.build_id = builds.build_id
            where sent.identifier_key in (select unnest($keys)) and builds.requested_at <= $known
            order by sent.seq
            """,
            keys=list(keys),
        )

    def naming_notices(self) -> list[Row]:
        """Return the newest version of every notice known at K, with what it names."""
        return self.rows("""
            select notice_id, notice_version, list(distinct notice_locale order by notice_locale) as locales,
                any_value(purposes) as purposes, any_value(recipients) as recipients
            from staging.stg_consent__notices
            where loaded_at <= $known and effective_from <= $at
            group by notice_id, notice_version, effective_from
            qualify row_number() over (partition by notice_id order by effective_from desc, notice_version desc) = 1
            order by notice_id
        """)

    def statements(self) -> dict[str, str]:
        """Return what each reason means."""
        found = self.rows("select reason, says from reference.consent_reasons")
        return {row["reason"]: row["says"] for row in found}


def listed(keys: Sequence[str]) -> str:
    """Keys as a list of SQL literals, which the optimiser takes down to the tables; keys are hexadecimal."""
    return ", ".join(f"'{key}'" for key in keys) or "null"


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, datetime]]:
    """Yield a read-only connection to a home that has decided something, and the moment of its last run.

    The lock is that of a run: a night that is due waits for the second this takes, and while a night writes nothing
    here opens its files.

    Raises:
        ConfigurationError: Nothing was decided yet.
        HomeBusyError: A run is writing.
    """
    if not (settings.warehouse.exists() and settings.ledger.exists()):
        raise ConfigurationError(f"nothing has run yet in {settings.home}; run first: samtykke run")
    with home_lock(settings, wait_seconds=_LOCK_WAIT_SECONDS), open_home(settings, read_only=True) as connection:
        try:
            built = connection.execute("select as_of from activation.export_gate").fetchone()
            connection.execute("select 1 from audit.permission_at(timestamp '2000-01-01', timestamp '2000-01-01')")
        except duckdb.CatalogException:
            built = None
        if built is None:
            raise ConfigurationError(f"no run has decided anything yet in {settings.home}; run first: samtykke run")
        yield connection, built[0]
