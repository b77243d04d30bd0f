"""What is in a batch: the rows as they were rendered, read from the build's directory and from nowhere else."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from samtykke.activation import batches, files
from samtykke.activation.batches import Batch
from samtykke.activation.compose import Composer
from samtykke.activation.destinations.api import Api
from samtykke.activation.groups import desired_groups
from samtykke.activation.tables import cell_name

# Rows as cells by kind, their digests, and per row its group where that is not the batch's own.
Rows = tuple[list[Mapping[str, str]], list[str], Sequence[str]]


class DeliveryError(RuntimeError):
    """Something did not arrive; the ledger knows what, the next run goes on there. Without any value of a row."""

    def __init__(self, message: str, *, is_about_credentials: bool = False):
        super().__init__(message)
        self.is_about_credentials = is_about_credentials


class Content:
    """Reads the batches of one audience's builds; a directory is read once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, api: Api | None, composer: Composer):
        self._connection = connection
        self._api = api
        self._composer = composer
        self._read_last: tuple[Path, dict[str, Mapping[str, str]]] | None = None

    def of(self, batch: Batch, directory: Path) -> Rows:
        """Return a batch's rows; of a replacement all that shall be there.

        Args:
            batch: Which.
            directory: Its build's.

        Raises:
            DeliveryError: A row is not in the files.
        """
        if batch.operation == "replace":
            return self._desired()
        if self._read_last is None or self._read_last[0] != directory:
            self._read_last = (directory, self._read(directory))
        known = self._read_last[1]
        digests = batches.digests_of(self._connection, batch)
        if missing := sum(digest not in known for digest in digests):
            raise DeliveryError(
                f"batch {batch.number} ({batch.operation}): {missing} rows are not in its files as they left"
            )
        return [known[digest] for digest in digests], digests, ()

    def _read(self, directory: Path) -> dict[str, Mapping[str, str]]:
        rows: dict[str, Mapping[str, str]] = {}
        for name in (files.REMOVE, files.ADD):
            with open(directory / name, encoding="utf-8", newline="") as source:
                lines = csv.reader(source)
                next(lines)
                for line in lines:
                    cells = self._api.SPEC.cells(tuple(line))
                    rows[self._composer.digest(cells)] = cells
        return rows

    def _desired(self) -> Rows:
        kinds = [column.kind for column in self._api.SPEC.columns if column.kind]
        names = ", ".join("country" if kind == "country" else cell_name(kind) for kind in kinds)
        stored = self._connection.execute(f"""
            select desired.digest, coalesce(groups.batch_group, ''), {names} from export_desired as desired
            left join ({desired_groups(self._api.target)}) as groups on desired.digest = groups.digest
            order by desired.digest
        """).fetchall()
        rows = [{kind: cell for kind, cell in zip(kinds, cells, strict=True) if cell} for _, _, *cells in stored]
        return rows, [digest for digest, *_ in stored], [group for _, group, *_ in stored]
