"""European Unified ID: the identity map, which tells a hashed address or number its EUID, or that the person opted out.

Requests and answers are encrypted with the client secret (AES-256-GCM; the extra ``ttd`` brings ``cryptography``): a
request holds our time and a nonce, is refused after a minute and is therefore made anew for every attempt; an answer
holds the same nonce. Ids are asked for once and kept until they may change: a 365th of them does in a day. Source: UID2
documentation, POST /v3/identity/map; Encrypting requests and decrypting responses.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from samtykke.activation.http import Client, RefusedError, Request, UnreachableError
from samtykke.activation.memory import PlatformId
from samtykke.settings import ConfigurationError

if TYPE_CHECKING:
    from samtykke.activation.targets import Target

BASE_URL = "https://prod.euid.eu"
OPTED_OUT, INVALID = "optout", "invalid_identifier"
_AT_ONCE = 5_000
_VERSION = b"\x01"
_IV_BYTES, _HEAD_BYTES = 12, 16


@dataclass
class Mapped:
    """What the map says of the hashes of one kind."""

    ids: dict[str, PlatformId] = field(default_factory=dict)
    unmapped: dict[str, str] = field(default_factory=dict)


class Envelope:
    """Seals one request and opens the answer to it."""

    def __init__(self, secret: str):
        """Take the client secret, as EUID gives it out.

        Raises:
            ConfigurationError: It is no such secret, or the extra ``ttd`` is not installed.
        """
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError:
            raise ConfigurationError("EUID's answers are encrypted: install samtykke[ttd]") from None
        try:
            self._cipher = AESGCM(base64.b64decode(secret, validate=True))
        except (ValueError, binascii.Error):
            raise ConfigurationError("the EUID client secret is no key in base64") from None
        self._nonce = b""

    def seal(self, content: bytes) -> bytes:
        """Return the body of a request, sent now."""
        self._nonce = secrets.token_bytes(8)
        iv = secrets.token_bytes(_IV_BYTES)
        plain = int(time.time() * 1000).to_bytes(8) + self._nonce + content
        return base64.b64encode(_VERSION + iv + self._cipher.encrypt(iv, plain, None))

    def open(self, answer: bytes) -> Any:
        """Return the content of the answer to what was sealed last.

        Raises:
            ValueError: It is not EUID's answer to it.
        """
        from cryptography.exceptions import InvalidTag

        sealed = base64.b64decode(answer, validate=True)
        try:
            plain = self._cipher.decrypt(sealed[:_IV_BYTES], sealed[_IV_BYTES:], None)
        except InvalidTag:
            raise ValueError("sealed with another secret") from None
        if plain[8:_HEAD_BYTES] != self._nonce:
            raise ValueError("an answer to another request")
        return json.loads(plain[_HEAD_BYTES:])


class IdentityMap:
    """Asks for the EUIDs of hashes; ``options.euid_url`` names another host."""

    def __init__(self, target: Target):
        self._target = target
        self._envelope = Envelope(target.secret("euid_client_secret"))
        self._client = Client(
            str(target.delivery.options.get("euid_url", BASE_URL)),
            authorise=lambda *_: {"Authorization": f"Bearer {target.secret('euid_api_key')}"},
            requests_per_minute=target.delivery.requests_per_minute or 600,
            patience=target.patience,
        )

    def ask(self, kind: str, cells: Iterable[str]) -> Mapped:
        """Return what the map says of hashes of one kind, ``email`` or ``phone``.

        Raises:
            samtykke.activation.http.RefusedError: The map does not take the request.
            samtykke.activation.http.UnreachableError: No answer that can be read.
        """
        found = Mapped()
        wanted = sorted(set(cells))
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            for cell, told in zip(part, self._once(f"{kind}_hash", part), strict=True):
                if told.get("u"):
                    until = datetime.fromtimestamp(float(told["r"]), UTC).replace(tzinfo=None)
                    found.ids[cell] = PlatformId(str(told["u"]), told.get("p"), until)
                else:
                    # an unknown reason is told apart from an opt-out: nobody is made to object who did not
                    found.unmapped[cell] = OPTED_OUT if told.get("e") == OPTED_OUT else INVALID
        return found

    def _once(self, field_name: str, cells: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        content = json.dumps({field_name: cells}, separators=(",", ":")).encode()
        request = Request(
            "POST",
            "/v3/identity/map",
            lambda: self._envelope.seal(content),
            headers={"Content-Type": "text/plain"},
            opens=self._envelope.open,
        )
        answer = self._client.call(request).body
        if not isinstance(answer, dict) or answer.get("status") != "success":
            raise RefusedError(200, "identity_map_failed")
        told = answer.get("body", {}).get(field_name)
        if not isinstance(told, list) or len(told) != len(cells):
            raise UnreachableError("an answer of another length than what was asked")
        return told
