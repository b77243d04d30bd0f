"""A package of somebody else's, found by its entry point: its rules hash, its class sends, our names stay ours."""

from __future__ import annotations

import base64
import hashlib

import pytest
from contract_server import ContractServer, Platform
from deliver_home import DeliverHome
from export_home import AS_OF

from samtykke import hashing, plugins
from samtykke.activation.destinations import api_of, destination
from samtykke.activation.destinations.meta import Meta
from samtykke.storage.connect import open_home

PACKAGE = """
from samtykke.activation.destinations.api import Api, Outcome
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request
from samtykke.hashing import Rule

RULES = [Rule("acme", "email", "email_undotted_google", "sha256", "base64")]
SPEC = DestinationSpec(
    name="acme", platform="acme", columns=(Column("E-Mail", "email"),), identifier_kinds=("email",),
    matches_people=False, interface=Interface(base_url="https://acme.example", secrets=("access_token",)),
)

class API(Api):
    SPEC = SPEC

    def send(self, parcel, call):
        rows = [row["email"] for row in parcel.rows]
        call(Request("POST", f"/{parcel.operation}/{self.target.list_id(parcel.segment)}", {"rows": rows}))
        return Outcome(accepted=len(rows))
"""
IMPOSTOR = """
from samtykke.activation.destinations.meta import SPEC
from samtykke.hashing import Rule
API = object
RULES = [Rule("meta", "email", "email", "none", "plain")]
"""


class AcmePlatform(Platform):
    def handle(self, method, path, query, headers, body):
        _, operation, name = path.split("/")
        (self.lists[name].update if operation == "add" else self.lists[name].difference_update)(body["rows"])
        return 200, {"ok": True}


@pytest.fixture
def installed(tmp_path, monkeypatch):
    site = tmp_path / "site"
    told = site / "acme_destinations-1.0.dist-info"
    told.mkdir(parents=True)
    (site / "acme_destination.py").write_text(PACKAGE)
    (site / "acme_impostor.py").write_text(IMPOSTOR)
    (site / "acme_broken.py").write_text("raise RuntimeError('no such account')")
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-destinations\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(
        "[samtykke.destinations]\nacme = acme_destination\nbroken = acme_broken\nimpostor = acme_impostor\n"
    )
    monkeypatch.syspath_prepend(str(site))
    for cached in (plugins.plugins, hashing.rules, hashing._kinds):
        cached.cache_clear()
    yield
    for cached in (plugins.plugins, hashing.rules, hashing._kinds):
        monkeypatch.undo()
        cached.cache_clear()


def test_an_audience_is_delivered_through_it(installed, tmp_path, monkeypatch):
    platform = AcmePlatform()
    server = ContractServer(platform)
    home = DeliverHome(tmp_path / "home").create()
    with open_home(home.settings) as connection:
        connection.execute(
            "insert into reference.recipients values ('agency', 'advertising.audience', 'acme', 'email', null, 1)"
        )
    home.declare(("agency", "jeans"))
    home.reach(monkeypatch, "agency", server.url)
    home.build({("agency", "jeans"): {1: [("email", "a.nna+x@gmail.com")], 2: [("email", "bo@example.org")]}})
    home.deliver(AS_OF)
    digests = [hashlib.sha256(text).digest() for text in (b"anna@gmail.com", b"bo@example.org")]
    assert platform.lists["111"] == {base64.b64encode(digest).decode() for digest in digests}
    (added,) = (content for name, content in home.tree().items() if name.endswith("add.csv"))
    assert added.startswith(b"E-Mail\n")
    server.close()


def test_a_name_of_ours_is_never_replaced_and_a_broken_one_is_named(installed):
    assert api_of("meta") is Meta
    assert hashing.for_platform("meta", "email", "mary@example.com").hash == "sha256"
    with pytest.raises(ValueError, match="broken could not be loaded: RuntimeError"):
        destination("fax")
