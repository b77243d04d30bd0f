"""Where audiences go: one module per platform, its frozen ``DestinationSpec`` and, for its interface, one class.

A third party adds one through an entry point: see ``samtykke.plugins``.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from samtykke.activation.destinations import (
    braze,
    google,
    hubspot,
    klaviyo,
    linkedin,
    mailchimp,
    meta,
    microsoft,
    pinterest,
    sftp,
    snapchat,
    tiktok,
    ttd,
    webhook,
    x,
)
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.plugins import plugins

if TYPE_CHECKING:
    from samtykke.activation.destinations.api import Api
    from samtykke.activation.targets import Target

__all__ = ["DESTINATIONS", "Column", "DestinationSpec", "Interface", "api_for", "api_of", "destination"]

_OWN = (
    braze,
    google,
    hubspot,
    klaviyo,
    linkedin,
    mailchimp,
    meta,
    microsoft,
    pinterest,
    sftp,
    snapchat,
    tiktok,
    ttd,
    webhook,
    x,
)
_MODULES: dict[str, Any] = {module.SPEC.name: module for module in _OWN} | {
    tiktok.UNTAGGED.name: SimpleNamespace(SPEC=tiktok.UNTAGGED, API=tiktok.API)
}
DESTINATIONS: dict[str, DestinationSpec] = {name: module.SPEC for name, module in _MODULES.items()}


def destination(name: str) -> DestinationSpec:
    """Return the destination that a recipient's ``export_format`` names.

    Raises:
        ValueError: There is none of that name.
    """
    return _found(name).SPEC


def api_of(name: str) -> type[Api]:
    """Return the class that sends to a destination.

    Raises:
        ValueError: There is no such destination, or a file is the only way to it.
    """
    found = getattr(_found(name), "API", None)
    if found is None:
        raise ValueError(f"{name} has no interface; it can have files only")
    return found


def api_for(target: Target) -> Api:
    """Return what sends to a recipient: the platform's class, or the one that uploads its files.

    Raises:
        ValueError: A file is the only way to it, or what is configured cannot be.
    """
    kind = sftp.API if target.delivery.transport == "sftp" else api_of(target.spec.name)
    return kind(target)


def _found(name: str) -> Any:
    if name in _MODULES:  # a name of our own is never replaced
        return _MODULES[name]
    offered = {thing.SPEC.name: thing for thing in plugins().loaded.values()}
    if name not in offered:
        broken = "".join(f"; {entry} could not be loaded: {why}" for entry, why in plugins().broken.items())
        known = ", ".join(sorted(_MODULES | offered))
        raise ValueError(f"unknown export_format {name!r}; known: {known}{broken}")
    return offered[name]
