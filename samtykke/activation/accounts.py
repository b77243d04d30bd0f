"""The recipients as the seed and ``deliveries.yml`` declare them, before anything runs: who is an account's own."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from samtykke.activation.targets import read_deliveries
from samtykke.settings import ConfigurationError, Settings


@dataclass(frozen=True)
class Account:
    """One recipient.

    Attributes:
        recipient: Its name.
        title: What people read.
        export_format: Its destination.
        transport: ``file`` or ``api``.
        pool: One delivery at a time: recipients of one account at one platform share it.
    """

    recipient: str
    title: str
    export_format: str
    transport: str
    pool: str


def declared_accounts(settings: Settings) -> list[Account]:
    """Return every declared recipient, in order of name.

    A ``deliveries.yml`` that cannot be read is no reason to show nobody: whoever it is about says so when delivering.
    """
    with (settings.project / "seeds" / "recipients.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["recipient"])
    try:
        deliveries = read_deliveries(settings)
    except ConfigurationError:
        deliveries = {}
    found = []
    for row in rows:
        delivery = deliveries.get(row["recipient"])
        account = str(delivery.options.get("account") or "") if delivery else ""
        owner = f"{row['export_format']}_{account}" if account else row["recipient"]
        found.append(
            Account(
                row["recipient"],
                row["title"],
                row["export_format"],
                delivery.transport if delivery else "file",
                "account_" + re.sub(r"[^A-Za-z0-9_]", "_", owner),
            )
        )
    return found
