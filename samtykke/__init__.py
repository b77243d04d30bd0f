"""Samtykke: a consent-aware customer warehouse. The library; imports neither Dagster nor dbt."""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

# What others may use as ``samtykke.normalise.email(...)`` and so on; imported when first asked for.
_PUBLIC = ("consent", "hashing", "interests", "normalise")


def __getattr__(name: str) -> ModuleType:
    if name in _PUBLIC:
        return import_module(f"samtykke.{name}")
    raise AttributeError(f"module 'samtykke' has no attribute {name!r}")
