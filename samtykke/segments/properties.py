"""What a segment declares besides who is in it: ``config.meta`` of its description in ``models/segments/*.yml``.

dbt keeps any ``meta``; here it is read again from the files, so that a mistake is an error with file and line and
never a property that silently does nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from samtykke.segments.located import DefinitionError, Located, read_located, unknown_word

FOLDER = Path("models") / "segments"
_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_WORDS = (
    "title", "owner", "why", "ttl_days", "renewed_on", "priority", "exclusive_group", "holdout_share", "holdout_salt",
    "frequency_cap", "hold_below_floor", "destinations", "tests", "who", "dagster",
)  # fmt: skip


@dataclass(frozen=True)
class SegmentProperties:
    """The declared properties of one segment.

    Attributes:
        segment: Its name, that of its SQL file.
        title: What people read.
        owner: Who answers for it.
        why: What it is for.
        ttl_days: Days after which the audience ends and everybody in it comes back; None: never.
        renewed_on: From which day those are counted; None: from the first night that something left.
        priority: In an exclusive group the higher number wins; equal numbers go by name.
        exclusive_group: A person is sent to a recipient in one segment of the group only.
        holdout_share: Share of its people that is never sent, to measure what sending does.
        holdout_salt: Draws who is held out; segments with one salt hold out the same people.
        cap_count: A person is put into at most so many audiences of a recipient ...
        cap_days: ... within so many days; in more, it is this one that waits.
        hold_below_floor: Whether newcomers wait until the recipient can be expected to match enough people.
        minimum_size: Fewer people than that are reported.
        maximum_daily_change: A larger share of people that came or went since the last publication is reported.
        destinations: Recipients of ``seeds/recipients.csv``.
        who: Its tree in the grammar, None where the SQL is written by hand.
        place: Where it is declared.
    """

    segment: str
    title: str
    owner: str
    why: str
    ttl_days: int | None = None
    renewed_on: date | None = None
    priority: int = 0
    exclusive_group: str | None = None
    holdout_share: float = 0.0
    holdout_salt: str | None = None
    cap_count: int | None = None
    cap_days: int | None = None
    hold_below_floor: bool = False
    minimum_size: int | None = None
    maximum_daily_change: float | None = None
    destinations: tuple[str, ...] = ()
    who: Located | None = field(default=None, compare=False, repr=False)
    place: str = ""


def read_properties(project: Path, *, is_compiled: bool = True) -> list[SegmentProperties]:
    """Read what every segment of a project declares, in order of name.

    Args:
        project: Folder of ``dbt_project.yml``.
        is_compiled: Whether the SQL of a tree must be there.

    Raises:
        DefinitionError: All problems of all files, one line each: an unknown word, a value of the wrong kind, a
            destination that is no recipient, a segment described twice, not at all, or without its SQL.
    """
    recipients = declared_recipients(project)
    found: dict[str, SegmentProperties] = {}
    problems: list[str] = []
    for file in sorted((project / FOLDER).glob("*.yml")):
        try:
            content = read_located(file, name=str(file.relative_to(project)))
            models = described(content)
        except DefinitionError as problem:
            problems.append(str(problem))
            continue
        for model in models:
            try:
                declared = properties_of(model, recipients)
                if declared.segment in found:
                    raise model.error(f"segment {declared.segment} is described twice")
                found[declared.segment] = declared
            except DefinitionError as problem:
                problems.append(str(problem))
    written = {file.stem for file in (project / FOLDER).glob("*.sql")}
    if not problems:
        problems += _unlisted(project, written, written | set(found))
        problems += [
            f"{FOLDER / f'{name}.sql'}:1:1: segment {name} is not described in {FOLDER}/*.yml"
            for name in written - set(found)
        ]
        problems += [
            f"{item.place}: segment {name} has no {FOLDER / f'{name}.sql'}"
            + ("; run samtykke segment compile" if item.who else "")
            for name, item in found.items()
            if name not in written and (is_compiled or item.who is None)
        ]
    if problems:
        raise DefinitionError("\n".join(sorted(problems)))
    return [found[name] for name in sorted(found)]


def described(content: Located) -> list[Located]:
    """Return the descriptions of a file, none where it has none.

    Raises:
        DefinitionError: ``models:`` is no list.
    """
    models = content.get("models")
    if models is not None and not isinstance(models.value, list):
        raise models.error("models: must be a list of descriptions")
    return models.value if models else []


def _unlisted(project: Path, written: set[str], declared: set[str]) -> list[str]:
    """What ``vars: segments:`` leaves out would be built and never asked for; what it names too much stops dbt."""
    file = project / "dbt_project.yml"
    listed = file.exists() and read_located(file, name=file.name).get("vars")
    names = listed.get("segments") if listed else None
    if names is None or not isinstance(names.value, list):
        return []
    known = {str(item.value) for item in names.value}
    return [f"{names.place}: segment {name} is not listed in vars: segments:" for name in sorted(written - known)] + [
        str(item.error(f"segment {item.value} has no {FOLDER / f'{item.value}.sql'}"))
        for item in names.value
        if str(item.value) not in declared
    ]


def properties_of(model: Located, recipients: set[str]) -> SegmentProperties:
    """Read one segment's description.

    Args:
        model: An element of ``models:``.
        recipients: Who may be a destination.

    Raises:
        DefinitionError: All its problems, one line each.
    """
    name = model.get("name")
    if name is None or not _NAME.fullmatch(str(name.value)):
        raise (name or model).error("a segment's name is made of a-z, 0-9, _ and -, at most 64")
    config = model.get("config")
    meta = (config and config.get("meta")) or model.get("meta")
    if meta is None:
        raise model.error(f"segment {name.value} needs config.meta with title, owner and why")
    return _Reader(str(name.value), meta, recipients, model.place).read()


def properties_of_draft(name: str, meta: Located, recipients: set[str]) -> SegmentProperties:
    """Read a ``meta`` alone, whose title, owner and why need not be written yet.

    Raises:
        DefinitionError: All its problems, one line each.
    """
    return _Reader(name, meta, recipients, meta.place, needed=()).read()


def declared_recipients(project: Path) -> set[str]:
    """Return the recipients of ``seeds/recipients.csv``."""
    with (project / "seeds" / "recipients.csv").open(encoding="utf-8", newline="") as file:
        return {row["recipient"] for row in csv.DictReader(file)}


def used_recipients(project: Path) -> list[str]:
    """Return the recipients that some segment goes to.

    Raises:
        DefinitionError: As ``read_properties``.
    """
    return sorted({name for declared in read_properties(project) for name in declared.destinations})


class _Reader:
    """Reads one ``meta``; collects problems instead of stopping at the first."""

    def __init__(
        self,
        segment: str,
        meta: Located,
        recipients: set[str],
        place: str,
        *,
        needed: Sequence[str] = ("title", "owner", "why"),
    ) -> None:
        self._needed = needed
        self._segment = segment
        self._meta = meta
        self._recipients = recipients
        self._place = place
        self._problems: list[str] = []

    def read(self) -> SegmentProperties:
        for key, _ in self._meta.items():
            if key not in _WORDS:
                self._problems.append(str(self._meta.unknown(key, _WORDS)))
        cap, tests = self._meta.get("frequency_cap"), self._meta.get("tests")
        declared = SegmentProperties(
            segment=self._segment,
            title=self._required("title"),
            owner=self._required("owner"),
            why=self._required("why"),
            ttl_days=self._read(self._meta, "ttl_days", _count),
            renewed_on=self._read(self._meta, "renewed_on", _day),
            priority=self._read(self._meta, "priority", _whole, 0),
            exclusive_group=self._read(self._meta, "exclusive_group", _text),
            holdout_share=self._read(self._meta, "holdout_share", _share_below_one, 0.0),
            holdout_salt=self._read(self._meta, "holdout_salt", _text),
            cap_count=self._part(cap, "audiences", _count, ("audiences", "days")),
            cap_days=self._part(cap, "days", _count, ("audiences", "days")),
            hold_below_floor=self._read(self._meta, "hold_below_floor", _truth, False),
            minimum_size=self._part(tests, "minimum_size", _count),
            maximum_daily_change=self._part(tests, "maximum_daily_change", _share),
            destinations=self._destinations(),
            who=self._meta.get("who"),
            place=self._place,
        )
        for part, known in ((cap, ("audiences", "days")), (tests, ("minimum_size", "maximum_daily_change"))):
            self._only(part, known)
        if self._problems:
            raise DefinitionError("\n".join(self._problems))
        return declared

    def _required(self, key: str) -> str:
        if self._meta.get(key) is None:
            if key in self._needed:
                self._problems.append(str(self._meta.error(f"segment {self._segment} needs a {key}")))
            return ""
        return self._read(self._meta, key, _text)

    def _read(self, at: Located, key: str, reads: Callable[[Any], Any], default: Any = None) -> Any:
        item = at.get(key)
        if item is None:
            return default
        try:
            return reads(item.value)
        except ValueError as problem:
            shown = "" if isinstance(item.value, dict | list) else f", not '{item.value}'"
            self._problems.append(str(item.error(f"{key}: {problem}{shown}")))
            return default

    def _part(self, at: Located | None, key: str, reads: Callable[[Any], Any], needed: tuple[str, ...] = ()) -> Any:
        if at is None or not isinstance(at.value, dict):
            return None
        if key in needed and at.get(key) is None:
            self._problems.append(str(at.error(f"needs {' and '.join(needed)}")))
        return self._read(at, key, reads)

    def _only(self, part: Located | None, known: tuple[str, ...]) -> None:
        if part is None:
            return
        try:
            self._problems += [str(part.unknown(key, known)) for key, _ in part.items() if key not in known]
        except DefinitionError as problem:
            self._problems.append(str(problem))

    def _destinations(self) -> tuple[str, ...]:
        listed = self._meta.get("destinations")
        if listed is None:
            return ()
        if not isinstance(listed.value, list):
            self._problems.append(str(listed.error("destinations: must be a list of recipients")))
            return ()
        names = []
        for item in listed.value:
            if isinstance(item.value, list | dict) or item.value not in self._recipients:
                self._problems.append(str(item.error(f"destinations: {unknown_word(item.plain, self._recipients)}")))
            elif item.value in names:
                self._problems.append(str(item.error(f"destinations: {item.value} stands here twice")))
            names.append(item.value)
        return tuple(names)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("must be a whole number")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("must be a whole number from 1")
    return value


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("must be a day, for example 2026-03-01")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError("must be a share from 0, for example 0.1")
    return float(value)


def _share_below_one(value: Any) -> float:
    if not (share := _share(value)) < 1:
        raise ValueError("must be a share from 0 to below 1, for example 0.1")
    return share
