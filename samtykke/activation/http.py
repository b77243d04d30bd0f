"""Speak HTTP to a platform: once per answer, patiently, and without telling a log what was said.

Standard library only. Redirects are not followed, a token would go with them;
clear text HTTP is spoken to this machine alone. No error repeats a body: platforms echo identifiers in theirs.
"""

from __future__ import annotations

import email.utils
import http.client
import json
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from urllib.parse import urlencode, urlsplit

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_MOST_BYTES = 10_000_000
_LONGEST_WAIT = 300.0
_FEWEST_NO_CODE = 10_000_000
# Waits for what is not there yet are this many first waits long: by default 30 seconds, four times.
_NOT_YET = 60


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes:
        method: Of HTTP.
        path: After the base address.
        body: Sent as JSON, or as a form; bytes as they are; of a function what it returns, anew on every attempt.
        query: After the path.
        headers: Besides those of every request.
        is_form: ``body`` is a form.
        takes_text: Any success will do, also one that is no JSON.
        opens: Reads a success that is no JSON; a ValueError says that it is no answer.
        again_on: Statuses that mean "not yet" here: tried again, after waits of a length of their own.
        again_if: Tells an answer that means "too much at once" though its status does not say so.
    """

    method: str
    path: str
    body: object = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    is_form: bool = False
    takes_text: bool = False
    opens: Callable[[bytes], object] | None = None
    again_on: frozenset[int] = frozenset()
    again_if: Callable[[Reply], bool] | None = None

    def encoded(self) -> bytes | None:
        """Return the bytes of the body: the same body is always the same bytes."""
        body = self.body() if callable(self.body) else self.body
        if body is None or isinstance(body, bytes):
            return body
        if self.is_form:
            return urlencode(body).encode()
        return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True)
class Reply:
    """What was answered; ``body`` is the parsed JSON, None where there was none; ``is_unreadable``: something else."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_unreadable: bool = False


class RefusedError(RuntimeError):
    """The platform will not take it as it is, and asking again would not help."""

    def __init__(self, status: int, code: str):
        super().__init__(f"HTTP {status}, {code}")
        self.status = status
        self.code = code


class UnreachableError(RuntimeError):
    """No answer after every attempt: what was sent may or may not have arrived."""


@dataclass(frozen=True)
class Patience:
    """How often and how long to try. Waits grow by two and are drawn at random below that (full jitter)."""

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    timeout: float = 60.0


class Client:
    """One platform account's connection; not for several threads."""

    def __init__(
        self,
        base_url: str,
        *,
        authorise: Callable[[Request, bool], Mapping[str, str]],
        requests_per_minute: int = 60,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        """Take where to go and how to be let in.

        Args:
            base_url: ``https://…``; ``http://`` for this machine only.
            authorise: Returns the headers that let a request in; called with True after the platform refused the
                ones before, to renew them.
            requests_per_minute: Not more than these.
            patience: How often and how long to try.
            sleep: Waits; tests give another.

        Raises:
            ValueError: The address is not one that may be used.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.query:
            raise ValueError("base_url is no address of an interface")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("base_url must begin with https://")
        self._parts = parts
        self._authorise = authorise
        self._gap = 60.0 / requests_per_minute
        self._patience = patience or Patience()
        self._sleep = sleep
        self._last = float("-inf")
        self._is_silent = False

    def call(self, request: Request) -> Reply:
        """Ask until there is an answer.

        Tried again: no connection, a connection cut off, 408, 425, 429 and 5xx, after what ``Retry-After`` says or a
        growing wait, and a success in something else than JSON (a proxy's page, not the platform); 401 once with
        renewed authorisation. Where nobody was there at every attempt, the next requests are tried once until somebody
        is: a platform that is down must not hold up the night by every batch of every audience.

        Raises:
            RefusedError: Any other answer that is not 2xx.
            UnreachableError: Every attempt failed.
        """
        attempts = 1 if self._is_silent else self._patience.attempts
        renewed = False
        reason = "no attempt"
        wait = 0.0
        for attempt in range(attempts):
            if attempt:
                self._sleep(wait)
            wait = random.uniform(0, min(self._patience.longest_wait, self._patience.first_wait * 2**attempt))
            try:
                reply = self._once(request, renew=False)
                if reply.status == 401 and not renewed:
                    renewed = True
                    reply = self._once(request, renew=True)
            except (OSError, http.client.HTTPException) as problem:
                reason = type(problem).__name__
                self._is_silent = attempt + 1 == attempts
                continue
            self._is_silent = False
            is_busy = request.again_if is not None and request.again_if(reply)
            if reply.status in (408, 425, 429) or reply.status >= 500 or is_busy:
                reason = f"HTTP {reply.status}" + (f", {error_code(reply.body)}" if is_busy else "")
                wait = max(wait, _retry_after(reply.headers))
                continue
            if reply.status in request.again_on:
                reason = f"HTTP {reply.status}"
                wait = max(_NOT_YET * self._patience.first_wait, _retry_after(reply.headers))
                continue
            if 200 <= reply.status < 300 and reply.is_unreadable and not request.takes_text:
                reason = f"HTTP {reply.status} with something else than an answer"
                continue
            if not 200 <= reply.status < 300:
                raise RefusedError(reply.status, error_code(reply.body))
            return reply
        tried = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        raise UnreachableError(f"no answer after {tried}, last: {reason}")

    def _once(self, request: Request, *, renew: bool) -> Reply:
        pause = self._last + self._gap - time.monotonic()
        if pause > 0:
            self._sleep(pause)
        self._last = time.monotonic()
        body = request.encoded()
        headers = {"Accept": "application/json", "User-Agent": "samtykke"}
        if body is not None:
            form = "application/x-www-form-urlencoded"
            headers["Content-Type"] = form if request.is_form else "application/json; charset=utf-8"
        headers |= dict(request.headers)
        headers |= dict(self._authorise(request, renew))
        query = f"?{urlencode(request.query)}" if request.query else ""
        connection = self._connection()
        try:
            connection.request(request.method, self._parts.path.rstrip("/") + request.path + query, body, headers)
            answer = connection.getresponse()
            content = answer.read(_MOST_BYTES)
            found = {name.lower(): value for name, value in answer.getheaders()}
            parsed = _parsed(content, request.opens if answer.status < 300 else None)
            return Reply(answer.status, parsed, found, is_unreadable=parsed is None and bool(content.strip()))
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port, timeout = self._parts.hostname, self._parts.port, self._patience.timeout
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())


def error_code(body: object) -> str:
    """Return a platform's own word for an error, as far as it is a word: text may repeat identifiers."""
    found: list[str] = []

    def look(node: object, depth: int = 0) -> None:
        if isinstance(node, Mapping) and depth < 4:
            for name in ("code", "error_code", "errorCode", "status", "error_subcode", "reason", "type", "error"):
                value = node.get(name)
                # more digits than a code has may be a telephone number
                is_code = isinstance(value, int) and abs(value) < _FEWEST_NO_CODE
                if is_code or (isinstance(value, str) and is_word(value)):
                    found.append(str(value))
            for value in node.values():
                look(value, depth + 1)
        elif isinstance(node, list) and depth < 4:
            for value in node[:3]:
                look(value, depth + 1)

    look(body)
    return "/".join(dict.fromkeys(found[:3])) or "no_code"


def is_word(text: str) -> bool:
    """Whether a text is a code and no sentence, address or number: only such a text is repeated."""
    plain = text.replace("_", "").replace("-", "").replace(".", "")
    return 0 < len(text) <= 60 and plain.isascii() and plain.isalnum() and sum(c.isdigit() for c in text) < 6


def _parsed(content: bytes, opens: Callable[[bytes], object] | None) -> object:
    if not content.strip():
        return None
    try:
        return opens(content) if opens else json.loads(content)
    except ValueError:
        return None


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that the platform asks to wait; never more than five minutes."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(text)
            # a date without a zone is UTC, wherever this machine stands
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time()
        except (TypeError, ValueError):
            return 0.0
    return min(max(seconds, 0.0), _LONGEST_WAIT)
