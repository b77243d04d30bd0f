"""From a file in the drop folder to acknowledged removals, without the night.

Load what may be a withdrawal, append it to the ledger, decide for the people it touches, withhold what of them is
published and may be shown no more, open what is owed, take the rows back. Each step commits before the next begins and
finds out anew what is to be done, so that a run that was killed is completed by the next one, or by the night.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from samtykke.activation import files, obligations
from samtykke.activation.export import Run
from samtykke.activation.plans import to_dict
from samtykke.activation.results import BuildResult, Scope
from samtykke.consent.ledger import append_consent_events
from samtykke.intake import unread_files
from samtykke.outcome import ExitCode
from samtykke.profile_store import profiles_file
from samtykke.profile_withheld import write_withheld
from samtykke.settings import Settings
from samtykke.sources.load import LOADED
from samtykke.storage.connect import open_home
from samtykke.withdrawals.arrivals import load_withdrawals
from samtykke.withdrawals.models import consent_models
from samtykke.withdrawals.removals import Removals
from samtykke.withdrawals.world import Ended, ended

MUST_BE_BUILT = (
    "recipients hold people, but no models are built in this home, so that nobody can tell who must come back; "
    "run `samtykke run`"
)
NOTHING_BUILT = (
    "nothing was ever built in this home, so nobody was sent anywhere; what was loaded waits for the first run"
)


@dataclass
class Outcome:
    """What a run of the fast lane did.

    Attributes:
        loaded: Files that were loaded.
        refused: What each file says that could not be.
        appended: New events on the ledger.
        touched: Identifiers that something new is about since the last build.
        people: People behind these, and behind what recipients hold of them and of everybody linked to them.
        withheld: People of whom `samtykke profile` shows only what they permit now, until the next publication.
        opened: Obligations opened.
        audiences: What was taken back, by audience.
        problems: What could not be taken back now; it stays an open obligation.
        note: Why there was nothing to decide.
        seconds: How long each part took.
    """

    loaded: int = 0
    refused: list[str] = field(default_factory=list)
    appended: int = 0
    touched: int = 0
    people: int = 0
    withheld: int = 0
    opened: int = 0
    audiences: list[BuildResult] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    note: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def removed(self) -> int:
        """Rows taken back, planned ones of a dry run included."""
        return sum(result.removed for result in self.audiences)

    @property
    def exit_code(self) -> ExitCode:
        """A file that was refused may hold a withdrawal, so it counts for more than a removal that is still open."""
        return ExitCode.REFUSED if self.refused else ExitCode.BLOCKED if self.problems else ExitCode.DONE

    def to_dict(self) -> dict[str, Any]:
        return {
            "exit_code": int(self.exit_code),
            "files_loaded": self.loaded,
            "files_refused": self.refused,
            "events_appended": self.appended,
            "identifiers_touched": self.touched,
            "people_looked_at": self.people,
            "people_withheld": self.withheld,
            "obligations_opened": self.opened,
            "rows_removed": self.removed,
            "audiences": [to_dict(result) for result in self.audiences],
            "problems": self.problems,
            "note": self.note,
            "seconds": self.seconds,
        }

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[part] = round(time.perf_counter() - started, 3)


def take_back_withdrawals(settings: Settings, *, as_of: datetime | None = None, send: bool | None = None) -> Outcome:
    """Run the fast lane once; the caller holds the home's lock.

    Args:
        settings: Whose home.
        as_of: The moment taken as now, UTC; the time of the call by default.
        send: Send to interfaces; None as the environment says. Files are always written: a removal that waits for
            somebody to look at it is late.

    Raises:
        samtykke.sources.load.LoadError: The disk or the memory is full, or a database is damaged.
        ConfigurationError: dbt cannot compile the consent models.
    """
    outcome = Outcome()
    now = datetime.now(UTC).replace(tzinfo=None)
    moment = as_of or now.replace(microsecond=0)
    with outcome.timed("load"):
        results = load_withdrawals(settings)
        outcome.loaded = sum(result.status == LOADED for result in results)
        outcome.refused = [unread.says for unread in unread_files(settings, results)]
    with open_home(settings) as connection:
        with outcome.timed("append"):
            outcome.appended = append_consent_events(connection, settings.controller, only_recent=True).appended
        if not _was_built(connection):
            if connection.execute("select 1 from ledger.held_identifiers limit 1").fetchone():
                outcome.problems.append(MUST_BE_BUILT)
            else:
                outcome.note = NOTHING_BUILT
            # whom it is about nobody can tell either: what is published of people is looked up no more
            profiles_file(settings).unlink(missing_ok=True)
            return outcome
        # what stands whole has left, and can be taken back only as such
        Run(settings, connection, moment, Scope()).acknowledge_what_arrived()
    with outcome.timed("prepare"):
        models = consent_models(settings)
    with outcome.timed("decide"):
        found = ended(settings, models, as_of=moment, now=now)
    outcome.touched, outcome.people = found.touched, found.people
    outcome.withheld = write_withheld(settings, found.withheld, as_of=moment)
    if found.must_act:
        with outcome.timed("remove"):
            _remove(settings, outcome, found, moment, send)
    return outcome


def _remove(settings: Settings, outcome: Outcome, found: Ended, moment: datetime, send: bool | None) -> None:
    with open_home(settings, vault=True) as connection:
        outcome.opened = obligations.open_these(connection, found.obligations)
        outcome.audiences = Removals(settings, connection, moment, found, send=send).take_back()
    for result in outcome.audiences:
        if result.problem:
            outcome.problems.append(f"{result.audience}: {result.problem}")
        if result.unresolved:
            outcome.problems.append(f"{result.audience}: nobody knows any more what left of {result.unresolved} rows")
    files.clear_staging(settings.exports)


def _was_built(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("""
        select 1 from duckdb_tables() where schema_name = 'activation' and table_name = 'sent_standings'
    """)
    return found.fetchone() is not None
