"""Moments: what ``--as-of`` may say, the end of a company day, and how a moment is written for SQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """Return the moment that a text names, as a UTC time without zone.

    Args:
        text: ISO 8601. A time with zone is taken as it is, a time without is in the company's zone, and a bare date
            is the end of that day there.
        zone: The company's time zone (``Settings.timezone``).

    Raises:
        ValueError: The text is not ISO 8601; the message shows what is.
    """
    try:
        if len(text.strip()) == 10:
            return end_of_day(date.fromisoformat(text.strip()), zone)
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("not a moment; write 2026-11-22, 2026-11-22T03:00 or 2026-11-22T02:00:00Z") from None
    return _utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return midnight after a day of the company's calendar, as a UTC time without zone."""
    return _utc(datetime.combine(day + timedelta(days=1), time(), zone))


def parse_days(text: str) -> str:
    """Return the days that a text names the way the dbt variable ``web_days`` wants them.

    Args:
        text: A day, or the first and the last of several: ``2026-06-01/2026-06-05``.

    Raises:
        ValueError: The text names no days; the message shows what does.
    """
    try:
        days = [date.fromisoformat(part.strip()) for part in text.split("/")]
    except ValueError:
        days = []
    if len(days) not in (1, 2) or days[0] > days[-1]:
        raise ValueError("not days; write 2026-06-01 or 2026-06-01/2026-06-05")
    return f"{days[0]}/{days[-1]}"


def sql_text(moment: datetime) -> str:
    """Write a UTC time without zone the way the dbt variable ``as_of`` wants it."""
    return moment.isoformat(sep=" ", timespec="auto")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
