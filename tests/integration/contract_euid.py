"""EUID's operator and The Trade Desk's data server on one port, as they document themselves: answers are encrypted."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time

from contract_server import Platform
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECRET = base64.b64encode(bytes(range(32))).decode()
DAY = 86_400


class TradeDeskPlatform(Platform):
    """``lists`` holds EUIDs by data element. ``year`` turns every id when it is raised."""

    def __init__(self, opted_out=(), invalid=()):
        super().__init__()
        self.opted_out = set(opted_out)
        self.invalid = set(invalid)
        self.year = 1
        self.ttl: dict[str, int] = {}
        self.deleted: set[str] = set()
        self.failed_lines: list[dict] = []
        self.answers_with = SECRET
        self.asked: list[str] = []

    def euid(self, cell, year=None):
        return base64.b64encode(hashlib.sha256(f"{year or self.year}:{cell}".encode()).digest()).decode()

    def is_let_in(self, headers):
        return self.token in (headers.get("TTD-Auth"), (headers.get("Authorization") or "").removeprefix("Bearer "))

    def handle(self, method, path, query, headers, body):
        if path == "/v3/identity/map":
            return self._map(body)
        assert body["AdvertiserId"] == "77" and body["Items"]
        ids = [item["EUID"] for item in body["Items"]]
        assert all(len(base64.b64decode(one)) == 32 for one in ids) and len(ids) == len(set(ids))
        if path == "/data/deletion-optout/advertiser":
            assert body["RequestType"] in ("Deletion", "OptOut")
            self.deleted |= set(ids)
            for members in self.lists.values():
                members -= set(ids)
            return 200, {}
        assert path == "/data/advertiser"
        for item in body["Items"]:
            (data,) = item["Data"]
            members = self.lists[data["Name"]]
            (members.add if data["TtlInMinutes"] else members.discard)(item["EUID"])
            self.ttl[item["EUID"]] = data["TtlInMinutes"]
        return 200, {"FailedLines": self.failed_lines} if self.failed_lines else {}

    def _map(self, sealed):
        cipher = AESGCM(base64.b64decode(SECRET))
        raw = base64.b64decode(sealed)
        assert raw[0] == 1
        plain = cipher.decrypt(raw[1:13], raw[13:], None)
        if abs(time.time() - int.from_bytes(plain[:8]) / 1000) > 60:
            return 400, {"status": "client_error", "message": "stale"}
        answer = {}
        for name, cells in json.loads(plain[16:]).items():
            assert name in ("email_hash", "phone_hash") and len(cells) <= 5_000
            self.asked += cells
            answer[name] = [self._told(cell) for cell in cells]
        iv = secrets.token_bytes(12)
        content = json.dumps({"body": answer, "status": "success"}).encode()
        told = int(time.time() * 1000).to_bytes(8) + plain[8:16] + content
        sealed = iv + AESGCM(base64.b64decode(self.answers_with)).encrypt(iv, told, None)
        return 200, base64.b64encode(sealed)

    def _told(self, cell):
        if cell in self.opted_out or cell in self.invalid:
            return {"e": "optout" if cell in self.opted_out else "invalid identifier"}
        before = self.euid(cell, self.year - 1) if self.year > 1 else None
        return {"u": self.euid(cell), "p": before, "r": int(time.time()) + DAY}
