"""Lists at platforms: made empty, under a name that says nothing of the people in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from contract_platforms import WebhookPlatform
from contract_server import ContractServer, MetaPlatform
from deliver_home import DeliverHome
from export_home import AS_OF
from platform_worlds import PLATFORMS, world
from typer.testing import CliRunner

from samtykke.activation.destinations import destination
from samtykke.activation.export import ExportError
from samtykke.activation.http import RefusedError
from samtykke.activation.names import sensitive_category
from samtykke.cli import app
from samtykke.storage.connect import open_home

PROJECT = Path(__file__).parents[2]
MADE = {"google", "hubspot", "klaviyo", "linkedin", "meta", "snapchat", "x"}


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_a_list_is_made_where_the_platform_makes_any(name):
    with world(name, source_platform="SAMTYKKE") as here:
        if name in MADE:
            assert here.api.make_list("bought jeans", here.call) == "238"
        else:
            with pytest.raises(RefusedError, match="made_by_hand"):
                here.api.make_list("bought jeans", here.call)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("bought_jeans", None),
        ("summer-dresses 2026", None),
        ("Diabetes newsletter", "health"),
        ("type_1_diabetic", "health"),
        ("gældsat", "finance"),
        ("PATIENTER", "health"),
        ("debt-free-summer", "finance"),
        ("indebted", None),
    ],
)
def test_a_name_is_read_as_words(name, category):
    assert sensitive_category(name, PROJECT, destination("meta").name_policy) == category


def test_only_what_is_special_is_refused_where_the_platform_has_no_policy():
    assert sensitive_category("loan customers", PROJECT) is None
    assert sensitive_category("diabetes", PROJECT) == "health"


def test_the_command_checks_the_name_before_anything_is_made(tmp_path, monkeypatch):
    server = ContractServer(MetaPlatform())
    home = DeliverHome(tmp_path / "home").create()
    home.reach(monkeypatch, "meta", server.url)
    monkeypatch.setenv("SAMTYKKE_DELIVERIES", str(home.settings.deliveries_file))

    def command(*arguments):
        given = ["lists", "make", "--recipient", "meta", "--segment", "jeans", *arguments]
        ended = CliRunner().invoke(app, [*given, "--home", str(home.settings.home), "--json"])
        return ended.exit_code, json.loads(ended.stdout) if ended.stdout else None

    assert command()[1]["is_made"] is False
    assert command("--name", "debtors", "--send")[0] == 2
    assert server.platform.requests == []
    assert command("--send") == (
        0,
        {"recipient": "meta", "segment": "jeans", "name": "jeans", "is_made": True, "id": "238"},
    )
    server.close()


def test_who_is_nobody_and_who_makes_no_lists_is_told_in_a_sentence(tmp_path, monkeypatch):
    home = DeliverHome(tmp_path / "home").create()
    monkeypatch.setenv("SAMTYKKE_DELIVERIES", str(home.settings.deliveries_file))
    home.reach(monkeypatch, "mailchimp", "http://127.0.0.1:9")
    for recipient, said in (("nobody", "nobody is declared no more"), ("mailchimp", "make it by hand")):
        given = ["lists", "make", "--recipient", recipient, "--segment", "jeans", "--send"]
        ended = CliRunner().invoke(app, [*given, "--home", str(home.settings.home)])
        assert ended.exit_code == 2 and said in " ".join(ended.output.split())


def test_nobody_is_added_under_a_name_that_speaks_of_health_and_everybody_is_removed(tmp_path, monkeypatch):
    server = ContractServer(WebhookPlatform())
    home = DeliverHome(tmp_path / "home").create()
    with open_home(home.settings) as connection:
        connection.execute(
            "insert into reference.recipients values ('webhook', 'advertising.audience', 'webhook', 'email', null, 1)"
        )
    audience, anna, bo = ("webhook", "jeans"), ("email", "anna@example.com"), ("email", "bo@example.org")
    home.declare(audience)
    home.reach(monkeypatch, "webhook", server.url)
    home.build({audience: {1: [anna]}})
    home.deliver(AS_OF)
    text = home.settings.deliveries_file.read_text()
    home.settings.deliveries_file.write_text(text.replace("'111'", "diabetes_interest"))
    home.build({audience: {2: [bo]}}, denied=(anna,))
    with pytest.raises(ExportError, match="speaks of health"):
        home.deliver(AS_OF)
    assert [one["body"]["operation"] for one in server.platform.requests] == ["add", "remove"]
    server.close()
