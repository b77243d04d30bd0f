"""Files to an SFTP server: whole or not at all, only to the server whose key is known, in any platform's columns."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
import yaml
from deliver_home import DeliverHome
from export_home import AS_OF
from sftp_server import SftpServer

from samtykke.activation.export import ExportError
from samtykke.hashing import for_platform
from samtykke.storage.connect import open_home

NEXT_DAY = AS_OF + timedelta(days=1)
ANNA, BO = "anna@example.com", "bo@example.org"


class World:
    def __init__(self, folder, monkeypatch):
        self.monkeypatch = monkeypatch
        (folder / "served").mkdir()
        self.server = SftpServer(folder / "served")
        self.home = DeliverHome(folder / "home").create()
        with open_home(self.home.settings) as connection:
            for name in ("linkedin", "sftp"):
                connection.execute(
                    "insert into reference.recipients values ($1, 'advertising.audience', $1, 'email', null, 1)", [name]
                )

    def reach(self, recipient, credential, host_key=None):
        self.audience = (recipient, "jeans")
        self.home.declare(self.audience)
        entry = {
            "transport": "sftp",
            "base_url": self.server.url,
            "options": {"username": "samtykke", "host_key": host_key or self.server.host_key},
            "attempts": 3,
            "first_wait_seconds": 0.01,
            "timeout_seconds": 10,
        }
        self.home.settings.deliveries_file.write_text(yaml.safe_dump({recipient: entry}))
        self.monkeypatch.setenv(f"SAMTYKKE_SECRET_{recipient.upper()}_CREDENTIAL", credential)

    def build(self, *addresses, denied=(), as_of=AS_OF):
        people = {at: [("email", one)] for at, one in enumerate(addresses, 1)}
        self.home.build({self.audience: people}, denied=[("email", one) for one in denied], as_of=as_of)

    def deliver(self, as_of=AS_OF):
        return self.home.deliver(as_of)[self.audience]

    def held(self):
        return self.home.rows("select count(*) from ledger.sent_identifiers")[0][0]


@pytest.fixture
def world(tmp_path, monkeypatch):
    started = World(tmp_path, monkeypatch)
    yield started
    started.server.close()


def test_any_platforms_file_is_uploaded_whole_with_its_manifest_last(world):
    world.reach("linkedin", world.server.user_key.export_private_key().decode())
    world.build(ANNA, BO)
    assert world.deliver().transport == "sftp"
    world.build(ANNA, denied=(BO,), as_of=NEXT_DAY)
    world.deliver(NEXT_DAY)
    assert [name.rpartition(".")[2] for name in world.server.renamed] == ["csv", "json"] * 2
    added, told, removed, _ = (world.server.folder / name for name in world.server.names())
    assert "_add_" in added.name and "_remove_" in removed.name and added.parent.name == "jeans"
    header, *rows = added.read_text().splitlines()
    assert header == "email,firstname,lastname,jobtitle,employeecompany,country,googleaid"
    assert {row.split(",")[0] for row in rows} == {for_platform("linkedin", "email", one).value for one in (ANNA, BO)}
    manifest = json.loads(told.read_text())
    assert manifest["sha256"] == hashlib.sha256(added.read_bytes()).hexdigest() and manifest["rows"] == 2
    assert removed.read_text().splitlines()[1].split(",")[0] == for_platform("linkedin", "email", BO).value
    assert world.held() == 1


def test_a_password_will_do_and_a_wrong_one_is_told_without_it(world):
    world.reach("sftp", "a wrong password")
    world.build(ANNA)
    with pytest.raises(ExportError, match="not_let_in") as refused:
        world.deliver()
    assert "wrong password" not in str(refused.value) and world.held() == 0
    world.reach("sftp", world.server.password)
    world.deliver()
    assert world.held() == 1


def test_nothing_is_sent_to_a_server_with_another_key(world):
    other = SftpServer(world.server.folder)
    other.close()
    world.reach("sftp", world.server.password, host_key=f"127.0.0.1 {other.host_key}")
    world.build(ANNA)
    with pytest.raises(ExportError, match="host_key_differs"):
        world.deliver()
    assert world.server.names() == [] and world.held() == 0


def test_a_cut_connection_leaves_no_half_file_under_its_name(world):
    world.reach("sftp", world.server.password)
    world.build(ANNA)
    world.server.cut_after = 10
    world.deliver()
    assert [name.rpartition(".")[2] for name in world.server.names()] == ["csv", "json"]
    assert len(world.server.renamed) == 2 and world.held() == 1


def test_a_server_without_the_extension_gets_whole_files_too(world):
    world.reach("sftp", world.server.password)
    world.server.is_old = True
    world.build(ANNA)
    world.deliver()
    assert [name.rpartition(".")[2] for name in world.server.names()] == ["csv", "json"] and world.held() == 1
