"""Consent: the ledger of events and the signals it is made of."""

from importlib import import_module
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    if name == "tcf":
        return import_module("samtykke.consent.tcf")
    raise AttributeError(f"module 'samtykke.consent' has no attribute {name!r}")
