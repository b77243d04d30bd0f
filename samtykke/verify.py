"""Prove a home's records: the hash chains of the ledger."""

from __future__ import annotations

from samtykke.findings import Finding
from samtykke.settings import ConfigurationError, Settings
from samtykke.storage.chain import first_broken_link
from samtykke.storage.connect import open_home
from samtykke.storage.lock import home_lock

_CHAINS = (
    "consent_events",
    "export_builds",
    "export_rows",
    "delivery_batches",
    "delivery_rejections",
    "obligation_events",
    "audience_nights",
    "audience_draws",
)


def verify_home(settings: Settings) -> list[Finding]:
    """Recompute every chain of the ledger from its stored rows.

    Raises:
        ConfigurationError: There is no ledger at this home.
        HomeBusyError: A run is writing.
    """
    if not settings.ledger.exists():
        raise ConfigurationError(f"no ledger in {settings.home}; run first")
    findings = []
    with home_lock(settings), open_home(settings, read_only=True) as connection:
        for table in _CHAINS:
            rows = connection.execute(f"select count(*) from ledger.{table}").fetchone()[0]
            broken = first_broken_link(connection, f"ledger.{table}")
            says = f"{rows} rows, chain holds" if broken is None else f"row {broken} is not what was appended"
            findings.append(Finding(f"ledger.{table}", broken is None, says, "restore the ledger from its backup"))
    return findings
