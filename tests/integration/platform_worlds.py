"""Every interface with its contract platform, without a home: parcels of known people, sent and recorded."""

from __future__ import annotations

import base64
import hashlib
from contextlib import contextmanager
from datetime import datetime

import contract_platforms as platforms
from contract_euid import SECRET, TradeDeskPlatform
from contract_server import ContractServer, GooglePlatform, MailchimpPlatform, MetaPlatform

from samtykke.activation.destinations import api_of, destination
from samtykke.activation.destinations.api import Parcel
from samtykke.activation.targets import Delivery, Target, secret_variable
from samtykke.hashing import for_platform

PEOPLE = [("mary@example.com", "+16505551212", "US"), ("anna@example.org", None, "DK")]
PLATFORMS = {
    "braze": platforms.BrazePlatform,
    "google": GooglePlatform,
    "hubspot": lambda: platforms.HubSpotPlatform({"mary@example.com": "1", "anna@example.org": "2"}),
    "klaviyo": platforms.KlaviyoPlatform,
    "linkedin": platforms.LinkedInPlatform,
    "mailchimp": MailchimpPlatform,
    "meta": MetaPlatform,
    "microsoft": platforms.MicrosoftPlatform,
    "pinterest": platforms.PinterestPlatform,
    "snapchat": platforms.SnapchatPlatform,
    "tiktok": platforms.TikTokPlatform,
    "tiktok_untagged": platforms.TikTokPlatform,
    "ttd": TradeDeskPlatform,
    "webhook": platforms.WebhookPlatform,
    "x": platforms.XPlatform,
}


class Forgetful:
    """A memory that keeps nothing."""

    def valid(self, kind, cells):
        return {}

    every = valid

    def remember(self, kind, ids, keep):
        pass

    def opted_out(self, kind, cells):
        return len(list(cells))


def rows_of(name, people=PEOPLE):
    """Return what a destination's file would hold of people, by kind."""
    spec = destination(name)
    rows = []
    for email, phone, country in people:
        values = {"email": email, "phone": phone, "country": country}
        kinds = [column.kind for column in spec.columns if column.kind]
        cells = {kind: values[kind] and for_platform(spec.platform, kind, values[kind]).value for kind in kinds}
        rows.append({kind: cell for kind, cell in cells.items() if cell})
    return rows


def parcel(name, operation="add", group="", rows=None):
    identifying = destination(name).identifier_kinds
    rows = rows_of(name) if rows is None else rows
    if operation == "remove":
        rows = [{kind: cell for kind, cell in row.items() if kind in identifying} for row in rows]
    key = hashlib.sha256(f"{name} {operation} {group}".encode()).hexdigest()
    groups = ("granted", "unspecified") if operation == "replace" and destination(name).interface.consent_fields else ()
    return Parcel("jeans", operation, group, rows, key, 1, datetime(2026, 3, 1, 2, 0), groups)


class World:
    """One interface and the platform it speaks to."""

    def __init__(self, name, server, **options):
        self.name, self.server, self.platform = name, server, server.platform
        spec = destination(name)
        token = self.platform.token
        secrets = {secret_variable(name, one): token for one in spec.interface.secrets}
        if name == "ttd":
            secrets[secret_variable(name, "euid_client_secret")] = SECRET
            assert len(base64.b64decode(SECRET)) == 32
        delivery = Delivery(
            transport="api",
            base_url=server.url,
            options={
                "account": "77", "customer": "5", "list": "l1", "token_url": f"{server.url}/token",
                "euid_url": server.url, **options,
            },
            audiences={"jeans": "111", "jeans.phone": "222"},
            attempts=4,
            timeout_seconds=0.5,
            first_wait_seconds=0.005,
            requests_per_minute=600_000,
        )  # fmt: skip
        self.api = api_of(name)(Target(name, spec, delivery, secrets))
        self.api.memory = Forgetful()
        self.call = self.api.connect()

    def send(self, operation="add", group="granted", rows=None):
        return self.api.send(parcel(self.name, operation, group, rows), self.call)

    def members(self):
        return {name: frozenset(members) for name, members in self.platform.lists.items() if members}


@contextmanager
def world(name, platform=None, **options):
    server = ContractServer(platform or PLATFORMS[name]())
    try:
        yield World(name, server, **options)
    finally:
        server.close()
