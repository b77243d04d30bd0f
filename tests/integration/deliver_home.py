"""An export home whose recipients are reached through a contract server."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import yaml
from export_home import ExportHome

from samtykke.activation.export import Scope, export_all
from samtykke.settings import Settings

SECRETS = (
    "access_token",
    "consumer_key",
    "consumer_secret",
    "token_secret",
    "developer_token",
    "signing_key",
    "client_id",
    "client_secret",
    "refresh_token",
    "api_key",
    "data_token",
    "euid_api_key",
)


class DeliverHome(ExportHome):
    def __init__(self, folder: Path):
        super().__init__(folder)
        self.settings = Settings(
            home=folder,
            pepper="a pepper of the tests",
            deliveries=folder / "deliveries.yml",
            max_removal_share=1.0,
            threads=1,
        )

    def reach(self, monkeypatch, recipient: str, url: str, *, mode="delta", token="a token of the tests", **options):
        """Send to a recipient at an address from now on."""
        options = {"account": "77", "list": "l1", "token_url": f"{url}/token", **options}
        file = self.settings.deliveries_file
        known = yaml.safe_load(file.read_text()) if file.exists() else {}
        known[recipient] = {
            "transport": "api",
            "base_url": url,
            "mode": mode,
            "options": options,
            "audiences": {"jeans": "111", "readers": "222"},
            "attempts": 4,
            "timeout_seconds": 2,
            "first_wait_seconds": 0.01,
            "requests_per_minute": 60_000,
        }
        file.write_text(yaml.safe_dump(known))
        for name in SECRETS:
            monkeypatch.setenv(f"SAMTYKKE_SECRET_{recipient.upper()}_{name.upper()}", token)

    def deliver(self, as_of, **scope):
        results = export_all(self.settings, as_of=as_of, scope=Scope(**{"send": True, **scope}))
        return {(result.recipient, result.segment): result for result in results}

    def logs(self) -> str:
        """Everything the home holds as text but the files for the recipients."""
        found = []
        for file in self.settings.home.rglob("*"):
            if file.is_file() and "exports" not in file.parts and file.suffix not in (".duckdb", ".wal", ".key"):
                found.append(file.read_text(errors="replace"))
        return "\n".join(found)


def digest(kind: str, value: str, platform: str = "meta") -> str:
    """What a platform gets for a value: an independent reading of its rule, for plain values only."""
    form = value.lower()
    if platform == "meta" and kind == "phone":
        form = form.lstrip("+")
    return hashlib.sha256(form.encode()).hexdigest()


def driver(home: DeliverHome) -> list[str]:
    """Arguments of a process that delivers a home; ``die_at`` in its environment kills it at that step."""
    script = Path(__file__).with_name("deliver_process.py")
    given = json.dumps({"home": str(home.settings.home), "deliveries": str(home.settings.deliveries_file)})
    return [os.environ.get("PYTHON", os.sys.executable), str(script), given]
