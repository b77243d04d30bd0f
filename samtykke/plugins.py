"""Destinations of installed packages, offered under the entry point group ``samtykke.destinations``.

An entry point leads to an object with ``SPEC``, with ``API`` if it can be sent to, and with ``RULES`` if it brings its
own rules for normal form, hash and encoding (a module will do). One that cannot be loaded stops nobody else.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any, NamedTuple

GROUP = "samtykke.destinations"


class Plugins(NamedTuple):
    """What was offered: the objects by entry point, and why others could not be loaded."""

    loaded: dict[str, Any]
    broken: dict[str, str]


@cache
def plugins() -> Plugins:
    """Return what installed packages offer; loaded once."""
    loaded: dict[str, Any] = {}
    broken: dict[str, str] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            found = entry.load()
            _ = found.SPEC.name
        except Exception as problem:  # a stranger's code: whatever it raises is its own
            broken[entry.name] = type(problem).__name__
        else:
            loaded[entry.name] = found
    return Plugins(loaded, broken)
