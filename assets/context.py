"""What every asset of a run shares: the home, the moment the run takes as now, and the home's writer lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
from pydantic import Field, PrivateAttr

from samtykke.moments import parse_days, parse_moment, sql_text
from samtykke.project import dbt_environment
from samtykke.settings import Settings, load_settings
from samtykke.storage.connect import open_home, prepare_home
from samtykke.storage.lock import home_lock

# A run that finds another process writing waits for it this long; the queue lets only one run start anyway.
_LOCK_WAIT_SECONDS = 900.0
# What can fail for a moment: a disk, a share, a file that a backup or a BI tool holds open.
_MOMENTARY = (OSError, duckdb.IOException)


@contextmanager
def retried() -> Iterator[None]:
    """Run a step again, a few seconds later, when it failed for something that passes; anything else fails at once."""
    try:
        yield
    except _MOMENTARY as error:
        raise dg.RetryRequested(max_retries=2, seconds_to_wait=5) from error


class Home(dg.ConfigurableResource):
    """The home a run works on and the moment it takes as now.

    In the launchpad leave both empty for a run of now; the schedule and backfills fill in their own moment.
    """

    as_of: str | None = Field(
        default=None,
        description="The moment the run takes as now: ISO 8601, a bare date is the end of that day. "
        "Empty: when the run was created.",
    )
    full_refresh: bool = Field(default=False, description="Rebuild incremental models from scratch.")
    web_days: str | None = Field(
        default=None,
        description="Days (UTC) whose visits are told anew, whatever came: 2026-06-01/2026-06-05. "
        "Empty: only what changed.",
    )
    accept_drop: bool = Field(
        default=False, description="Go on although a mart has lost more than nine tenths of its rows: it is meant."
    )
    allow_mass_removal: bool = Field(
        default=False, description="Let a large share of an audience leave it at once: it is meant."
    )

    _settings: Settings = PrivateAttr()
    _days: str | None = PrivateAttr(default=None)
    _moment: datetime = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Home]:
        self._settings = load_settings()
        if self.as_of:
            self._moment = parse_moment(self.as_of, ZoneInfo(self._settings.timezone))
        else:
            self._moment = _created_at(context)
        self._days = parse_days(self.web_days) if self.web_days else None
        with home_lock(self._settings, wait_seconds=_LOCK_WAIT_SECONDS):
            prepare_home(self._settings)
            yield self

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def moment(self) -> datetime:
        """The run's now: UTC, without zone."""
        return self._moment

    @property
    def moment_text(self) -> str:
        return sql_text(self._moment)

    @property
    def dbt_variables(self) -> dict[str, str]:
        """What the models are told of this run."""
        return {"as_of": self.moment_text, **({"web_days": self._days} if self._days else {})}

    @contextmanager
    def open(self, *, read_only: bool = False, vault: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        with open_home(self._settings, read_only=read_only, vault=vault) as connection:
            yield connection


@contextmanager
def environment_of_dbt(settings: Settings) -> Iterator[None]:
    """Let processes that are started meanwhile have the environment of dbt."""
    before = dict(os.environ)
    wanted = dbt_environment(settings)
    try:
        os.environ.clear()
        os.environ.update(wanted)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _created_at(context: dg.InitResourceContext) -> datetime:
    """When the run was created: the same moment for each of its steps and retries."""
    record = context.instance.get_run_record_by_id(context.run_id) if context.instance and context.run_id else None
    moment = record.create_timestamp if record else datetime.now(UTC)
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0)
