"""Ask platforms what became of batches that they were still working on, and write it down."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from samtykke.activation import files, gate, sent
from samtykke.activation.batches import Build
from samtykke.activation.connections import Connections, now
from samtykke.activation.problems import say
from samtykke.activation.sending import Sender, Tally
from samtykke.activation.targets import target
from samtykke.settings import Settings
from samtykke.storage.connect import open_home


@dataclass(frozen=True)
class Answer:
    """What a platform said about the open batches of one audience; ``problem``: why it could not be asked."""

    recipient: str
    segment: str
    tally: Tally
    problem: str | None = None

    @property
    def problems(self) -> list[str]:
        return [*self.tally.problems, *([self.problem] if self.problem else [])]


def open_batches(settings: Settings) -> dict[tuple[str, str], int]:
    """Return how many batches wait for a platform's answer, by audience; reads the ledger only.

    Raises:
        duckdb.IOException: Another process is writing to the ledger.
    """
    if not settings.ledger.exists():
        return {}
    with duckdb.connect(str(settings.ledger), read_only=True) as ledger:
        known = ledger.execute("select count(*) from duckdb_views() where view_name = 'delivery_batch_states'")
        if known.fetchone() == (0,):
            return {}
        rows = ledger.execute("""
            select recipient, segment, count(*) from delivery_batch_states
            where state = 'sent' group by all order by all
        """).fetchall()
    return {(recipient, segment): count for recipient, segment, count in rows}


def ask(settings: Settings) -> list[Answer]:
    """Ask about every batch that waits for an answer; nothing is sent, and consent has no part in it.

    Args:
        settings: Whose home.

    Returns:
        One answer per audience with open batches, in order. Who cannot be reached is asked again next time.
    """
    with open_home(settings, vault=True) as connection:
        connections = Connections(settings, connection, gate.built_for(connection))
        builds: dict[tuple[str, str], list[Build]] = {}
        for build in sent.open_builds(connection, in_batches=True):
            builds.setdefault((build.recipient, build.segment), []).append(build)
        return [_ask_about(settings, connection, connections, *one) for one in sorted(builds.items(), key=_name)]


def _ask_about(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    connections: Connections,
    audience: tuple[str, str],
    builds: list[Build],
) -> Answer:
    recipient, segment = audience
    tally = Tally()
    try:
        reached = target(settings, recipient, gate.recipient(connection, recipient).spec)
        if reached is None:
            return Answer(recipient, segment, tally)  # given up by the next delivery, which goes by files
        api, call = connections.to(reached)
        folder = files.audience_folder(settings.exports, recipient, segment)
        sender = Sender(connection, api, call, None, folder, now, connections.acknowledge)
        tally = sender.tally
        sender.ask(builds)
    except Exception as problem:
        return Answer(recipient, segment, tally, say(problem))
    return Answer(recipient, segment, tally)


def _name(item: tuple[tuple[str, str], list[Build]]) -> tuple[str, str]:
    return item[0]
