"""What a destination takes: a frozen description that planning, rendering and sending read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from samtykke import hashing


@dataclass(frozen=True)
class Column:
    """One column of a destination's file.

    Attributes:
        header: As the platform writes it.
        kind: What stands in it, a kind of ``samtykke.hashing`` (``email``, ``phone``, ``country``); None is a
            column that the platform's header has and that stays blank.
    """

    header: str
    kind: str | None = None


@dataclass(frozen=True)
class Interface:
    """How one platform's interface behaves; the facts are the platform's documentation's.

    Attributes:
        base_url: Where it is; a recipient may name another.
        secrets: What it needs to be let in, read from ``SAMTYKKE_SECRET_<RECIPIENT>_<NAME>``.
        options: What ``deliveries.yml`` must say besides each audience's id, such as the account.
        max_rows: Most rows of one request.
        max_bytes: Most bytes of one request; None where the platform names no limit.
        requests_per_minute: Not more than these.
        modes: ``delta``, ``replace`` (the platform exchanges the whole list itself) and ``account_wide`` (people who
            withdraw are taken out of every audience of the account).
        consent_fields: Fields that say what a member consented to; rows of different consent never share a request.
        is_asynchronous: A batch is acknowledged by asking for its status later.
        needs_list: Every audience is a list at the platform, named in ``deliveries.yml``.
        extra: What has to be installed for it, as in ``samtykke[ttd]``: extra and module.
        ttl_days: How long a member is asked to be kept, unless ``options.ttl_days`` says otherwise; None: the
            platform is not asked.
        hours_between_adds: The platform wants no more than one addition to a list in so many hours. Removals do not
            wait.
        effects: What a change in a mode sets off at the platform, for who decides on it: (mode, text).
    """

    base_url: str
    secrets: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    max_rows: int = 10_000
    max_bytes: int | None = None
    requests_per_minute: int = 60
    modes: tuple[str, ...] = ("delta",)
    consent_fields: tuple[str, ...] = ()
    is_asynchronous: bool = False
    needs_list: bool = True
    extra: tuple[str, str] | None = None
    ttl_days: int | None = None
    hours_between_adds: int = 0
    effects: tuple[tuple[str, str], ...] = ()


# A folder on a server, by which any destination's file can go: see ``sftp``.
SFTP_INTERFACE = Interface(
    base_url="sftp://example.com",
    secrets=("credential",),
    options=("username", "host_key"),
    max_rows=1_000_000,
    needs_list=False,
    extra=("sftp", "asyncssh"),
)


@dataclass(frozen=True)
class DestinationSpec:
    """How one platform's file and interface look and behave.

    Attributes:
        name: What the seed ``recipients`` names as ``export_format``.
        platform: Whose rules of normal form, hash and encoding apply (``samtykke.hashing``).
        columns: In the order of the header.
        identifier_kinds: The kinds that identify somebody; other columns help matching and travel with
            additions only.
        matches_people: The platform matches a row to an account, so taking out one row of a person takes out
            the person: whoever loses a row is sent again with the rows that stay. False where a row is a
            contact of its own.
        min_matched: Fewer matched people than this and the platform shows nobody an advertisement.
        ttl_days_max: The platform forgets a member after this long; None if it does not.
        interface: How to send without a file; None where a file is the only way.
        name_policy: Categories of words that it refuses in the name of a list, besides special categories of data.
        remedies: What to do about an error, by the platform's code for it.
    """

    name: str
    platform: str
    columns: tuple[Column, ...]
    identifier_kinds: tuple[str, ...]
    matches_people: bool
    min_matched: int = 1
    ttl_days_max: int | None = None
    interface: Interface | None = None
    name_policy: tuple[str, ...] = ()
    remedies: tuple[tuple[str, str], ...] = ()

    @cached_property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Per column what a cell holds: ``sha256/hex``, ``none/plain``, ``blank``."""
        rules = hashing.rules()
        return tuple(
            "blank" if column.kind is None else "{0.hash}/{0.encoding}".format(rules[self.platform, column.kind])
            for column in self.columns
        )

    def remedy(self, says: str) -> str | None:
        """Return what to do about an error, if the platform's code for it is in the text."""
        words = set(re.split(r"[^A-Za-z0-9_]+", says))
        return next((what for code, what in self.remedies if code in words), None)

    def cells(self, line: tuple[str, ...]) -> dict[str, str]:
        """Return a line's cells by kind, empty ones left out."""
        return {
            column.kind: cell
            for column, cell in zip(self.columns, line, strict=True)
            if column.kind is not None and cell
        }
