"""The way to each recipient's interface, one per run: its rate is kept over all segments, its token asked for once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from samtykke.activation import files, sent
from samtykke.activation.batches import Build
from samtykke.activation.destinations import api_for
from samtykke.activation.destinations.api import Api, Call
from samtykke.activation.memory import Memory
from samtykke.activation.targets import MissingCredentialsError, Target
from samtykke.keys import identifier_key
from samtykke.settings import ConfigurationError, Settings


class Connections:
    """Interfaces by recipient, opened when first asked for."""

    def __init__(self, settings: Settings, connection: duckdb.DuckDBPyConnection, as_of: datetime):
        self._settings = settings
        self._connection = connection
        self._as_of = as_of
        self._opened: dict[str, tuple[Api, Call]] = {}

    def to(self, reached: Target) -> tuple[Api, Call]:
        """Return a recipient's interface and how to call it.

        Raises:
            MissingCredentialsError: A secret is not in the environment.
            ConfigurationError: An option is missing in ``deliveries.yml``.
        """
        if reached.recipient not in self._opened:
            if missing := reached.missing_secrets():
                raise MissingCredentialsError(f"{reached.recipient}: set {', '.join(missing)}")
            if missing := reached.missing():
                raise ConfigurationError(f"{reached.recipient}: set {', '.join(missing)}")
            api = api_for(reached)
            api.memory = Memory(
                self._connection,
                platform=reached.spec.platform,
                recipient=reached.recipient,
                controller=self._settings.controller,
                as_of=self._as_of,
                now=now(),
            )
            self._opened[reached.recipient] = (api, api.connect())
        return self._opened[reached.recipient]

    def acknowledge(self, build: Build, directory: Path) -> None:
        """Write that a build whose directory stands whole has left."""
        # Keyed: the manifest's own digest would let a guess at a single row be checked against the ledger.
        manifest = hashlib.sha256((directory / files.MANIFEST).read_bytes()).hexdigest()
        keyed = identifier_key(self._settings.pepper_bytes, "manifest", manifest)
        sent.acknowledge(self._connection, build, keyed, now())


def now() -> datetime:
    """Return our clock: UTC, without zone."""
    return datetime.now(UTC).replace(tzinfo=None)
