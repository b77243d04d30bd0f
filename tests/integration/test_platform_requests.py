"""What goes over the wire, per platform and operation, as golden JSON.

After a change that is meant: ``SAMTYKKE_WRITE_GOLDEN=1 pytest tests/integration/test_platform_requests.py``, then read
the difference. Digests in it are those that the platforms publish for the same people (``mary@example.com`` and her
number at Meta).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from platform_worlds import PLATFORMS, world

from samtykke.activation.destinations import DESTINATIONS, destination

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "requests"
TOLD = (
    "Idempotency-Key",
    "Content-Type",
    "X-RestLi-Method",
    "X-Restli-Protocol-Version",
    "LinkedIn-Version",
    "revision",
)
# options that change what is sent, each with a request of its own in the file
VARIANTS = {
    "meta": [{"ldu": True}],
    "google": [{"validate_only": True}, {"login_account": "55"}],
    "klaviyo": [{"suppress_withdrawn": True}],
    "ttd": [{"ttl_days": 90}],
}


def cases(name):
    interface = destination(name).interface
    groups = ["granted", "unspecified"] if interface.consent_fields else [""]
    found = [("add", group) for group in groups] + [("remove", "")]
    found += [("remove", "account_wide")] if "account_wide" in interface.modes else []
    return found + ([("replace", "")] if "replace" in interface.modes else [])


def sent(name, operation, group, **options):
    with world(name, **options) as here:
        if operation != "add":
            here.send()  # who leaves has to be there
        here.platform.requests.clear()
        here.send(operation, group)
        return [
            {
                "method": one["method"],
                "path": one["path"],
                "query": one["query"],
                "headers": {key: one["headers"][key] for key in TOLD if one["headers"].get(key)},
                "body": "(sealed)" if isinstance(one["body"], bytes) and one["body"] else one["body"] or None,
            }
            for one in here.platform.requests
        ]


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_requests_are_as_they_were_read_and_approved(name):
    found = {}
    for options in [{}, *VARIANTS.get(name, [])]:
        for operation, group in cases(name):
            title = " ".join([operation, group, json.dumps(options) if options else ""]).split()
            found[" ".join(title)] = sent(name, operation, group, **options)
    plain = {key: value for key, value in found.items() if "{" not in key}
    told = {key: value for key, value in found.items() if key in plain or value != found.get(key.split(" {")[0])}
    text = json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True, default=bytes.decode) + "\n"
    file = GOLDEN / f"{name}.json"
    if os.environ.get("SAMTYKKE_WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_interface_is_here():
    assert set(PLATFORMS) == {name for name, spec in DESTINATIONS.items() if spec.interface and name != "sftp"}
