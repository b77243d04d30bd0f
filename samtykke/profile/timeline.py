"""Everything that passed between a person and the company, as the published timeline lists it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from samtykke.profile.lookup import Profile
from samtykke.publish import marts_file
from samtykke.settings import ConfigurationError, Settings

# A touch is shown while the group of the profile that rests on the same uses is: what was withdrawn, or is masked by a
# publication that has not reached the timeline yet, is masked there. What rests on anything else is not shown.
_SHOWN_WITH = {
    "service": "contact",
    "analytics.behaviour": "engagement",
    "identity.linking": "web",
    "enrichment.social": "social",
}


@dataclass(frozen=True)
class Touch:
    """A row of mart ``person_timeline``."""

    occurred_at: datetime
    kind: str
    direction: str | None
    channel: str | None
    source: str | None
    reference: str | None
    detail: str | None
    purpose: str


def read_timeline(settings: Settings, profile: Profile, *, newest: int | None = None) -> list[Touch]:
    """Return a person's published touches, the newest first, as far as the profile shows what they rest on.

    Args:
        settings: Whose home.
        profile: Whose, as it was just looked up.
        newest: Only so many.

    Raises:
        ConfigurationError: There is no timeline: the first publication is under way, or was broken off.
    """
    shown = [
        purpose for purpose, group in _SHOWN_WITH.items() if group in profile.groups and group not in profile.masked
    ]
    if not marts_file(settings).exists():
        raise ConfigurationError("the marts are not published yet; run first: samtykke run")
    with duckdb.connect(str(marts_file(settings)), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'; set schema = 'marts'")
        rows = connection.execute(
            """
            select occurred_at, kind, direction, channel, source, reference, detail, purpose
            from person_timeline where person_id = $person::uuid and list_contains($shown, purpose)
            order by occurred_at desc, kind, source, reference, detail limit $newest
            """,
            {"person": profile.person_id, "shown": shown, "newest": newest if newest is not None else (1 << 62)},
        ).fetchall()
    return [Touch(*row) for row in rows]
