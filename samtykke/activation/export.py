"""Export every audience: what should be at a recipient against what the ledger says is there, as files.

The order of every build: ``requested`` in the ledger with all its rows, the files in a folder of their own, a
rename into place, ``acknowledged``. What a crash leaves open is settled by the next export: acknowledged where
the directory stands whole, completed where the same is still to be done, aborted otherwise.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from samtykke.activation import files, gate, obligations, sent
from samtykke.activation.delta import Delta, Standing, plan
from samtykke.activation.destinations import DestinationSpec
from samtykke.activation.rows import Composer, Row
from samtykke.keys import identifier_key
from samtykke.settings import Settings
from samtykke.storage.connect import open_home


class ExportError(RuntimeError):
    """Some audiences could not be exported; the others were. The message names each with its problem."""


@dataclass(frozen=True)
class BuildResult:
    """What one export did, or would do.

    Attributes:
        recipient: Who receives.
        segment: Which segment.
        build_id: None where there was nothing to do.
        path: The build's directory; None where there was nothing to do, and in a dry run.
        added: Rows put in.
        removed: Rows taken out.
        unchanged: Rows that stay as they are.
        held_back: Rows left in place because the segment's source is empty.
        unresolved: Rows to take out whose content is known no more; they stay an open obligation.
        unusable: Identifiers left out, by reason.
        removal_reasons: Removed rows by reason.
    """

    recipient: str
    segment: str
    build_id: str | None
    path: Path | None
    added: int
    removed: int
    unchanged: int
    held_back: int = 0
    unresolved: int = 0
    unusable: Counter[str] = field(default_factory=Counter)
    removal_reasons: Counter[str] = field(default_factory=Counter)


def export_all(settings: Settings, *, as_of: datetime, dry_run: bool = False) -> list[BuildResult]:
    """Bring every recipient up to date with the audiences of the last dbt build.

    Args:
        settings: Whose home.
        as_of: The moment the audiences were built for, UTC; the export is refused if it was another.
        dry_run: Plan only: write nothing, neither files nor ledger.

    Returns:
        One result per audience, declared or with something left to take back, in order.

    Raises:
        samtykke.activation.gate.StaleGateError: The audiences answer for another moment or older consent.
        ExportError: Some audience failed; every other one was exported.
    """
    results: list[BuildResult] = []
    problems: list[str] = []
    with open_home(settings, read_only=dry_run, vault=True) as connection:
        gate.check(connection, as_of)
        run = _Run(settings, connection, as_of)
        if not dry_run:
            run.acknowledge_what_arrived()
            obligations.open_due(connection, as_of=as_of, now=_now())
        for recipient, segment in run.audiences():
            try:
                planned = run.plan(recipient, segment)
                results.append(planned.result if dry_run else run.write(planned))
            except (ValueError, OSError) as problem:
                problems.append(f"{recipient}/{segment}: {problem}")
    if not dry_run:
        files.clear_staging(settings.exports)
    if problems:
        raise ExportError("; ".join(problems))
    return sorted(results, key=lambda result: (result.recipient, result.segment))


@dataclass(frozen=True)
class _Planned:
    """An audience's delta, and the lines that take out what it removes."""

    build: sent.Build
    spec: DestinationSpec
    delta: Delta
    standings: Mapping[str, Standing]
    remove_lines: list[tuple[str, ...]]
    result: BuildResult


class _Run:
    """One export of all audiences over one connection."""

    def __init__(self, settings: Settings, connection: duckdb.DuckDBPyConnection, as_of: datetime):
        self._settings = settings
        self._connection = connection
        self._as_of = as_of
        self._recipients = gate.recipients(connection)
        self._declared = gate.audiences(connection)
        self._without_source = gate.segments_without_source(connection)
        self._policy = gate.policy_version(connection)
        self._composer: tuple[str, Composer] | None = None

    def audiences(self) -> list[tuple[str, str]]:
        """Every audience declared or with history; those that may have something to take out come first."""
        historic = sent.audiences_with_history(self._connection)
        return sorted(self._declared | historic, key=lambda audience: (audience not in historic, audience))

    def acknowledge_what_arrived(self) -> None:
        """Acknowledge the open builds whose directory stands whole: only the entry was missing."""
        for build in sent.open_builds(self._connection):
            directory = files.audience_folder(self._settings.exports, build.recipient, build.segment) / build.build_id
            if files.is_whole(directory):
                self._acknowledge(build, directory)

    def plan(self, recipient: str, segment: str) -> _Planned:
        """Compare what should be at a recipient with what the ledger says is there."""
        if recipient not in self._recipients:
            raise ValueError("the recipient is declared no more but holds people; declare it until they are taken back")
        to = self._recipients[recipient]
        composer = self._composer_of(to)
        desired, unusable = composer.compose(gate.members(self._connection, recipient, segment))
        standings = gate.standings(self._connection, recipient, segment)
        wanted = plan(
            to.spec,
            desired,
            sent.held_rows(self._connection, recipient, segment),
            standings,
            is_retired=(recipient, segment) not in self._declared,
            is_source_empty=segment in self._without_source,
            forgotten=self._soon_forgotten(to, segment),
        )
        lines = self._lines_to_remove(to, segment, composer, [row for row, _ in wanted.removes])
        delta = replace(wanted, removes=[(row, reason) for row, reason in wanted.removes if row.digest in lines])
        build = self._build(to, segment, delta)
        result = BuildResult(
            recipient,
            segment,
            build_id=None if delta.is_empty else build.build_id,
            path=None,
            added=len(delta.adds),
            removed=len(delta.removes),
            unchanged=delta.unchanged,
            held_back=delta.held_back,
            unresolved=len(wanted.removes) - len(delta.removes),
            unusable=unusable,
            removal_reasons=Counter(reason for _, reason in delta.removes),
        )
        return _Planned(build, to.spec, delta, standings, [lines[row.digest] for row, _ in delta.removes], result)

    def write(self, planned: _Planned) -> BuildResult:
        """Settle what a crash left open, then make the build; nothing to do writes nothing."""
        build, delta = planned.build, planned.delta
        content = _render(planned)
        is_requested = False
        for earlier in sent.open_builds(self._connection):
            if (earlier.recipient, earlier.segment) != (build.recipient, build.segment):
                continue
            if (
                earlier.build_id == build.build_id
                and not delta.is_empty
                and (sent.requested_rows(self._connection, build.build_id) == sent.planned_rows(delta))
            ):
                is_requested = True
            else:
                sent.abort(self._connection, earlier, _now())
        if delta.is_empty:
            return planned.result
        folder = files.audience_folder(self._settings.exports, build.recipient, build.segment)
        if not is_requested:
            sent.request(self._connection, build, delta, planned.standings, _now())
        directory = files.write_build(folder, build.build_id, content)
        self._acknowledge(build, directory)
        return replace(planned.result, path=directory)

    def _acknowledge(self, build: sent.Build, directory: Path) -> None:
        # Keyed: the manifest's own digest would let a guess at a single row be checked against the ledger.
        manifest = hashlib.sha256((directory / files.MANIFEST).read_bytes()).hexdigest()
        keyed = identifier_key(self._settings.pepper_bytes, "manifest", manifest)
        sent.acknowledge(self._connection, build, keyed, _now())

    def _soon_forgotten(self, to: gate.Recipient, segment: str) -> frozenset[str]:
        """Rows that left so long ago that the platform is about to drop them by itself."""
        hours = gate.refresh_hours(self._connection, to.name, segment)
        if hours is None:
            return frozenset()
        return sent.rows_until(self._connection, to.name, segment, self._as_of - timedelta(hours=hours))

    def _composer_of(self, to: gate.Recipient) -> Composer:
        if self._composer is None or self._composer[0] != to.name:
            values = gate.clear_values(self._connection, to.name)
            self._composer = (to.name, Composer(to.spec, to.name, self._settings.pepper_bytes, values))
        return self._composer[1]

    def _lines_to_remove(
        self, to: gate.Recipient, segment: str, composer: Composer, rows: list[Row]
    ) -> dict[str, tuple[str, ...]]:
        """Lines by digest: made anew where the vault still gives what left, else found in the files."""
        lines = {row.digest: line for row in rows if (line := composer.recompose(row)) is not None}
        missing = {row.digest for row in rows} - set(lines)
        if missing:
            folder = files.audience_folder(self._settings.exports, to.name, segment)
            builds = sent.acknowledged_builds(self._connection, to.name, segment)
            for cells, line in files.lines_sent_earlier(folder, to.spec, builds):
                digest = composer.digest(cells)
                if digest in missing:
                    lines.setdefault(digest, line)
        return lines

    def _build(self, to: gate.Recipient, segment: str, delta: Delta) -> sent.Build:
        adds, removes = len(delta.adds), len(delta.removes)
        number = len(sent.acknowledged_builds(self._connection, to.name, segment)) + 1
        # Counts, not content: an id that hashed a single row would let a guess at that row be checked.
        identity = f"{to.name}|{segment}|{self._as_of.isoformat()}|{adds}|{removes}|{number}"
        digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
        return sent.Build(
            build_id=f"{self._as_of:%Y%m%dt%H%M%Sz}-{number:04d}-{digest}",
            recipient=to.name,
            segment=segment,
            as_of=self._as_of,
            adds=adds,
            removes=removes,
            policy_version=self._policy,
            purposes=";".join(sorted(gate.needed_purposes(self._connection, segment) | {to.purpose})),
        )


def _render(planned: _Planned) -> dict[str, bytes]:
    build, spec = planned.build, planned.spec
    tables = {
        files.ADD: files.render_table(spec, [row.cells for row in planned.delta.adds]),
        files.REMOVE: files.render_table(spec, planned.remove_lines),
    }
    manifest = {
        "recipient": build.recipient,
        "segment": build.segment,
        "build_id": build.build_id,
        "as_of": f"{build.as_of.isoformat()}Z",
        "format": spec.name,
        "columns": list(spec.header),
        "column_forms": dict(zip(spec.header, spec.forms, strict=True)),
        "counts": {"add": build.adds, "remove": build.removes},
        "apply_in_order": [files.REMOVE, files.ADD],
        "purposes": build.purposes.split(";"),
        "consent_policy_version": build.policy_version,
    }
    return {**tables, files.MANIFEST: files.render_manifest(manifest, tables)}


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
