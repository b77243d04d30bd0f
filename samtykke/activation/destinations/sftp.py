"""A folder on an SFTP server: what agencies and platforms without an interface of their own read files from.

``export_format: sftp`` has the columns of the webhook; ``transport: sftp`` in ``deliveries.yml`` sends any
destination's file this way, in the platform's own columns. A batch is two files, ``<time>_<operation>_<key>.csv`` and
its ``.json`` (counts, SHA-256, idempotency key). Each is uploaded under another name and renamed into place, the JSON
last: a receiver that waits for the JSON never reads half a file. The same batch has the same name and the same bytes:
apply each name once, in the order in which they arrive. The server's key must be the one in ``options.host_key`` (a
line of ``ssh-keyscan``); the secret ``credential`` is a private key or a password. Source: SSH File Transfer
Protocol, posix-rename@openssh.com.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from samtykke.activation import files
from samtykke.activation.destinations.api import Api, Call, Outcome, Parcel
from samtykke.activation.destinations.spec import SFTP_INTERFACE, Column, DestinationSpec
from samtykke.activation.http import RefusedError, Request, UnreachableError
from samtykke.settings import ConfigurationError

if TYPE_CHECKING:
    from samtykke.activation.targets import Target

SPEC = DestinationSpec(
    name="sftp",
    platform="webhook",
    columns=(Column("email_sha256", "email"), Column("phone_sha256", "phone"), Column("country", "country")),
    identifier_kinds=("email", "phone"),
    matches_people=False,
    interface=SFTP_INTERFACE,
)
_PARTIAL = ".part"
_PORT = 22


class Sftp(Api):
    """Uploads files; ``base_url`` is ``sftp://host[:port]/folder``."""

    SPEC = SPEC

    def __init__(self, target: Target):
        super().__init__(target)
        self.SPEC = target.spec  # the columns are those of whatever destination is sent this way
        parts = urlsplit(target.base_url)
        if parts.scheme != "sftp" or not parts.hostname or parts.password:
            raise ConfigurationError(f"deliveries.yml: {target.recipient}: base_url must be sftp://host/folder")
        self._host, self._port = parts.hostname, parts.port or _PORT
        self._folder = PurePosixPath(unquote(parts.path) or "/")

    def connect(self) -> Call:
        """Nothing to connect: every parcel opens a connection of its own."""
        return _no_request

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        folder = self._folder / self.target.list_id(parcel.segment)
        name = f"{parcel.started_at:%Y%m%dT%H%M%S%f}Z_{parcel.operation}_{parcel.key[:16]}"
        content = files.render_table(self.SPEC, [self._line(row) for row in parcel.rows])
        told = {
            "audience": parcel.segment,
            "operation": parcel.operation,
            "rows": len(parcel.rows),
            "columns": list(self.SPEC.header),
            "file": f"{name}.csv",
            "sha256": hashlib.sha256(content).hexdigest(),
            "idempotency_key": parcel.key,
        }
        manifest = (json.dumps(told, indent=2, sort_keys=True) + "\n").encode()
        self._patiently(folder, {f"{name}.csv": content, f"{name}.json": manifest})
        return Outcome(request_id=name, accepted=len(parcel.rows))

    def _line(self, row: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(row.get(column.kind, "") if column.kind else "" for column in self.SPEC.columns)

    def _patiently(self, folder: PurePosixPath, content: Mapping[str, bytes]) -> None:
        """Upload until it is done.

        Raises:
            RefusedError: The server is another one, or will not have us or the files.
            UnreachableError: Every attempt failed on the way.
        """
        asyncssh = _library()
        patience = self.target.patience
        reason = "no attempt"
        for attempt in range(patience.attempts):
            if attempt:
                time.sleep(random.uniform(0, min(patience.longest_wait, patience.first_wait * 2**attempt)))
            try:
                asyncio.run(asyncio.wait_for(self._upload(asyncssh, folder, content), patience.timeout))
                return
            except asyncssh.HostKeyNotVerifiable:
                raise RefusedError(0, "host_key_differs") from None
            except asyncssh.PermissionDenied:
                raise RefusedError(401, "not_let_in") from None
            except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSuchFile) as refused:
                raise RefusedError(403, type(refused).__name__) from None
            except (OSError, TimeoutError, asyncssh.Error) as problem:
                reason = type(problem).__name__
        raise UnreachableError(f"no answer after {patience.attempts} attempts, last: {reason}")

    async def _upload(self, asyncssh: Any, folder: PurePosixPath, content: Mapping[str, bytes]) -> None:
        async with (
            asyncssh.connect(
                self._host,
                self._port,
                username=self.target.option("username"),
                known_hosts=self._known_hosts(asyncssh),
                config=None,
                agent_path=None,
                **self._credential(asyncssh),
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            await client.makedirs(str(folder), exist_ok=True)
            for name, data in content.items():
                place = str(folder / name)
                async with client.open(place + _PARTIAL, "wb") as out:
                    await out.write(data)
                await _into_place(asyncssh, client, place)

    def _known_hosts(self, asyncssh: Any) -> Any:
        line = self.target.option("host_key").split()
        try:
            # a line of ssh-keyscan begins with the host; one of a .pub file with the kind of key
            key = asyncssh.import_public_key(" ".join(line[1:] if len(line) > 2 and line[2][:4] == "AAAA" else line))
        except (asyncssh.KeyImportError, IndexError):
            raise ConfigurationError(f"deliveries.yml: {self.target.recipient}: options.host_key is no key") from None
        return ([key], [], [])

    def _credential(self, asyncssh: Any) -> Mapping[str, Any]:
        secret = self.target.secret("credential")
        if "PRIVATE KEY-----" not in secret:
            return {"password": secret, "client_keys": None}
        try:
            return {"client_keys": [asyncssh.import_private_key(secret)]}
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            raise ConfigurationError(f"{self.target.recipient}: the private key cannot be read") from None


async def _into_place(asyncssh: Any, client: Any, place: str) -> None:
    try:
        await client.posix_rename(place + _PARTIAL, place)
    except asyncssh.SFTPOpUnsupported:
        # the protocol's own rename does not replace: what is there are the same bytes from an attempt before
        if await client.exists(place):
            await client.remove(place)
        await client.rename(place + _PARTIAL, place)


def _no_request(request: Request) -> Any:
    raise RefusedError(0, "speaks_no_http")


def _library() -> Any:
    try:
        import asyncssh
    except ImportError:
        raise ConfigurationError("to send by SFTP install samtykke[sftp]") from None
    return asyncssh


API = Sftp
