"""How platforms let one in beyond a token that lasts: OAuth 2 refresh tokens, OAuth 1.0a signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from samtykke.activation.http import Client, RefusedError, Request

if TYPE_CHECKING:
    from samtykke.activation.targets import Target


class RefreshedToken:
    """An access token drawn from a refresh token when it is first needed, and again when it is refused.

    Needs the secrets ``client_id``, ``client_secret`` and ``refresh_token``; ``options.token_url`` names another
    address to draw it from.
    """

    def __init__(self, target: Target, token_url: str, **extra: str):
        self._target = target
        self._url = str(target.delivery.options.get("token_url", token_url))
        self._extra = extra
        self._token: str | None = None

    def headers(self, request: Request, renew: bool) -> Mapping[str, str]:
        if self._token is None or renew:
            self._token = self._draw()
        return {"Authorization": f"Bearer {self._token}"}

    def _draw(self) -> str:
        body = {
            "grant_type": "refresh_token",
            "client_id": self._target.secret("client_id"),
            "client_secret": self._target.secret("client_secret"),
            "refresh_token": self._target.secret("refresh_token"),
            **self._extra,
        }
        client = Client(self._url, authorise=lambda *_: {}, requests_per_minute=6_000, patience=self._target.patience)
        reply = client.call(Request("POST", "", body, is_form=True))
        token = reply.body.get("access_token") if isinstance(reply.body, dict) else None
        if not token:
            raise RefusedError(401, "no_access_token")
        return str(token)


class Signature:
    """OAuth 1.0a with HMAC-SHA1 (RFC 5849). A JSON body is no part of what is signed."""

    def __init__(self, target: Target):
        self._target = target

    def headers(self, request: Request, renew: bool) -> Mapping[str, str]:
        fields = {
            "oauth_consumer_key": self._target.secret("consumer_key"),
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": str(int(time.time())),
            "oauth_token": self._target.secret("access_token"),
            "oauth_version": "1.0",
        }
        base = "&".join(
            _quoted(part)
            for part in (
                request.method,
                self._target.base_url.rstrip("/") + request.path,
                urlencode(sorted({**fields, **request.query}.items()), quote_via=quote, safe="~"),
            )
        )
        key = f"{_quoted(self._target.secret('consumer_secret'))}&{_quoted(self._target.secret('token_secret'))}"
        digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
        fields["oauth_signature"] = base64.b64encode(digest).decode()
        return {"Authorization": "OAuth " + ", ".join(f'{name}="{_quoted(value)}"' for name, value in fields.items())}


def _quoted(text: str) -> str:
    return quote(text, safe="~")
