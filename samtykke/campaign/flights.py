"""What a flight would cost at least and what is wrong with it, before anybody plans it.

The rules are not written again: the SQL of ``recipient_expectations``, ``audience_readiness`` and ``flight_plans`` runs
on the seeds and on one flight, and on the last night's tables where there are any. Nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from samtykke.lineage.templates import Renderer
from samtykke.segments.located import unknown_word
from samtykke.settings import ConfigurationError, Settings
from samtykke.storage.connect import open_home
from samtykke.storage.lock import home_lock

_SEEDS = ("recipients", "export_formats", "audience_expectations", "flight_rules", "exchange_rates")
_MODELS = (
    "activation/recipient_expectations", "marts/activation/audience_readiness", "marts/activation/flight_plans",
)  # fmt: skip
_NO_REPORTS = """
    select null::varchar as recipient, null::date as report_date, null::double as rate_low, null::double as rate_mid,
        null::double as rate_high where false
"""
_NO_PAIRS = (
    "select null::varchar as recipient, '' as segment_a, '' as segment_b, 0 as n_a, 0 as n_b, 0 as n_ab where false"
)
_NAME = "this_flight"


@dataclass(frozen=True)
class Flight:
    """A flight to think about.

    Attributes:
        recipient: Where it runs.
        ads: Advertisements.
        segment: Its audience, as the last night counted it; or
        people: how many people it is for.
        starts_on: First day.
        ends_on: Last day.
        budget: What may be spent; None asks for the least.
        currency: Of the budget; None takes the rule's.
        expected_impressions: Impressions planned.
        expected_reach: People expected to see one; None takes all who match.
    """

    recipient: str
    ads: int
    starts_on: date
    ends_on: date
    segment: str | None = None
    people: int | None = None
    budget: float | None = None
    currency: str | None = None
    expected_impressions: int | None = None
    expected_reach: int | None = None


def plan_flight(settings: Settings, flight: Flight, *, today: datetime) -> dict[str, Any]:
    """Return the row of ``flight_plans`` for a flight, and ``expected_share`` with its ``basis``.

    Args:
        settings: Whose project, and whose home where an audience or reports are asked for.
        flight: The flight; with a segment or a number of people.
        today: The moment whose exchange rates and reports count; for an audience it is that of the last night.

    Raises:
        ConfigurationError: There is no such recipient or audience, or nothing has been built to know it by.
        samtykke.storage.lock.HomeBusyError: A run is writing.
    """
    if (flight.segment is None) == (flight.people is None):
        raise ConfigurationError("a flight is for an audience (--segment) or for a number of people (--people)")
    with _tables(settings, is_needed=flight.segment is not None) as (connection, is_built):
        _fill(connection, settings.project, flight, is_built=is_built)
        if flight.segment:  # an audience is as large, and its reports as old, as on its own night
            today = connection.execute("select as_of from activation.export_gate").fetchone()[0]
        renderer = _renderer(settings.project, today)
        for model in _MODELS:
            file = settings.project / "models" / f"{model}.sql"
            node = {"name": file.stem, "raw_code": file.read_text(encoding="utf-8")}
            sql = renderer.render(node, ref=lambda *names, **_: f'temp."{names[-1]}"', source=_no_source)
            connection.execute(f'create temp table "{file.stem}" as {sql}')
        rows = connection.execute(
            """
            select flight_plans.*, audience_readiness.expected_share, audience_readiness.basis,
            from temp.flight_plans inner join temp.audience_readiness using (recipient, segment)
            where campaign = $1
            """,
            [_NAME],
        )
        names = [column[0] for column in rows.description]
        found = dict(zip(names, rows.fetchone(), strict=True))
    if flight.segment is None:
        found["segment"] = None
    return {name: value for name, value in found.items() if name not in ("campaign", "is_planned")}


@contextmanager
def _tables(settings: Settings, *, is_needed: bool) -> Iterator[tuple[duckdb.DuckDBPyConnection, bool]]:
    """The last night's tables read-only, or an empty database where none are needed and none are there."""
    if not settings.warehouse.exists():
        if is_needed:
            raise ConfigurationError(f"nothing has been built in {settings.home}; run first: samtykke run")
        with duckdb.connect() as connection:
            yield connection, False
        return
    with home_lock(settings), open_home(settings, read_only=True) as connection:
        built = {
            name
            for (name,) in connection.execute("select table_name from duckdb_tables() where not internal").fetchall()
        }
        is_built = {"reported_match_rates", "audience_step_counts", "audience_overlap"} <= built
        if is_needed and not is_built:
            raise ConfigurationError(
                "the tables of the last night are not those of these models; run first: samtykke run"
            )
        yield connection, is_built


def _fill(connection: duckdb.DuckDBPyConnection, project: Path, flight: Flight, *, is_built: bool) -> None:
    """Make the temporary tables that the models read."""
    types = _seed_types(project)
    for seed in _SEEDS:
        connection.execute(
            f"create temp table {seed} as from read_csv($1, header := true, types := $2)",
            [str(project / "seeds" / f"{seed}.csv"), types[seed]],
        )
    known = {name for (name,) in connection.execute("select recipient from temp.recipients").fetchall()}
    if flight.recipient not in known:
        raise ConfigurationError(f"recipient: {unknown_word(flight.recipient, known)}")
    reports = "from activation.reported_match_rates" if is_built else _NO_REPORTS
    pairs = "from marts.audience_overlap" if is_built and flight.segment else _NO_PAIRS
    connection.execute(f"create temp table reported_match_rates as {reports}")
    connection.execute(f"create temp table audience_overlap as {pairs}")
    segment = flight.segment or _NAME
    if flight.segment:
        counts = "from activation.audience_step_counts where recipient = $1 and segment = $2"
        connection.execute(f"create temp table audience_step_counts as {counts}", [flight.recipient, segment])
        if not connection.execute("select count(*) from temp.audience_step_counts").fetchone()[0]:
            raise ConfigurationError(f"{flight.recipient} has no audience {segment} in the last night's tables")
    else:
        connection.execute(
            """
            create temp table audience_step_counts as
            select $1 as recipient, $2 as segment, unnest(['in_segment', 'under_cap']) as step,
                unnest([20, 64]) as step_number, $3::bigint as people, 0 as dropped, null::varchar as reason
            """,
            [flight.recipient, segment, flight.people],
        )
    row: Mapping[str, Any] = {**asdict(flight), "segment": segment, "campaign": _NAME}
    connection.execute(
        """
        create temp table campaigns as
        select $campaign as campaign, $segment as segment, $recipient as recipient, $ads::integer as ads,
            $starts_on::date as starts_on, $ends_on::date as ends_on, $budget::decimal(18, 2) as budget,
            $currency::varchar as currency, $expected_impressions::bigint as expected_impressions,
            $expected_reach::bigint as expected_reach
        """,
        {name: value for name, value in row.items() if name != "people"},
    )


def _seed_types(project: Path) -> dict[str, dict[str, str]]:
    """The types that the seeds' descriptions declare, by seed and column."""
    described = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in (project / "seeds").glob("*.yml")]
    return {seed["name"]: seed.get("config", {}).get("column_types", {}) for one in described for seed in one["seeds"]}


def _renderer(project: Path, today: datetime) -> Renderer:
    declared = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))
    macros = {
        name: {"name": name, "package_name": declared["name"], "macro_sql": text}
        for text in ((project / "macros" / "as_of.sql").read_text(encoding="utf-8"),)
        for name in re.findall(r"macro (\w+)\(", text)
    }
    manifest = {"metadata": {"project_name": declared["name"]}, "macros": macros}
    return Renderer(manifest, {**declared["vars"], "as_of": f"{today:%Y-%m-%d %H:%M:%S}"})


def _no_source(*names: str) -> str:
    raise ValueError(f"reads source {'.'.join(names)}")
