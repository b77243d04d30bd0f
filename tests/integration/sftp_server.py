"""An SFTP server on this machine: one user, one folder, faults on demand."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import asyncssh


class SftpServer:
    """Serves a folder; ``cut_after`` bytes written, the connection is cut once."""

    def __init__(self, folder: Path, password: str = "a password of the tests"):
        self.folder = folder
        self.password = password
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")
        self.cut_after: int | None = None
        self.renamed: list[str] = []
        self.is_old = False
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self._serve, args=(ready,), daemon=True).start()
        assert ready.wait(20)

    @property
    def url(self) -> str:
        return f"sftp://127.0.0.1:{self._listener.get_port()}/from samtykke"

    @property
    def host_key(self) -> str:
        return self._key.export_public_key().decode().strip()

    def names(self) -> list[str]:
        return sorted(str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if file.is_file())

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._listener.close)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        owner = self

        class Users(asyncssh.SSHServer):
            def password_auth_supported(self):
                return True

            def validate_password(self, username, password):
                return (username, password) == ("samtykke", owner.password)

        class Folder(asyncssh.SFTPServer):
            def __init__(self, channel):
                super().__init__(channel, chroot=str(owner.folder).encode())

            def write(self, file_obj, offset, data):
                if owner.cut_after is not None and offset + len(data) > owner.cut_after:
                    owner.cut_after = None
                    self.channel.get_connection().abort()
                    return 0
                return super().write(file_obj, offset, data)

            def posix_rename(self, oldpath, newpath):
                if owner.is_old:
                    raise asyncssh.SFTPOpUnsupported("posix-rename@openssh.com")
                owner.renamed.append(newpath.decode())
                return super().posix_rename(oldpath, newpath)

        async def start():
            self._listener = await asyncssh.listen(
                "127.0.0.1",
                0,
                server_host_keys=[self._key],
                server_factory=Users,
                authorized_client_keys=asyncssh.import_authorized_keys(self.user_key.export_public_key().decode()),
                sftp_factory=Folder,
            )

        self._loop.run_until_complete(start())
        ready.set()
        self._loop.run_forever()
