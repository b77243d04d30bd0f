"""Samtykke: a consent-aware customer warehouse. The library; imports neither Dagster nor dbt."""

__version__ = "0.1.0"
