"""Where audiences go: one module and one frozen ``DestinationSpec`` per platform."""

from __future__ import annotations

from samtykke.activation.destinations import google, mailchimp, meta
from samtykke.activation.destinations.spec import Column, DestinationSpec

__all__ = ["DESTINATIONS", "Column", "DestinationSpec", "destination"]

DESTINATIONS: dict[str, DestinationSpec] = {module.SPEC.name: module.SPEC for module in (google, mailchimp, meta)}


def destination(name: str) -> DestinationSpec:
    """Return the destination that a recipient's ``export_format`` names.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in DESTINATIONS:
        raise ValueError(f"unknown export_format {name!r}; known: {', '.join(sorted(DESTINATIONS))}")
    return DESTINATIONS[name]
