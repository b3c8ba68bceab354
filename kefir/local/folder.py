"""The data folder of one instance (KEFIR_DATA): its lock, its secrets, its logs."""

import fcntl
import os
import secrets
import tempfile
from pathlib import Path
from typing import IO, Self

from kefir.local.refusals import Refusal

# The kernel allows 107 bytes for a socket's path; PostgreSQL's file name takes 15 of them.
LONGEST_SOCKET_FOLDER = 90
LONGEST_LOG = 5_000_000


class Folder:
    """Open for one instance at a time. The lock ends with the process that holds it, however that ends."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock
        self._elsewhere: list[Path] = []

    @classmethod
    def open(cls, path: Path) -> Self:
        path = path.resolve()
        _make(path)
        lock = _open_lock(path)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise Refusal(
                f"another Kefir runs on {path}. Stop it, or choose another folder: KEFIR_DATA=… PORT=… ./run"
            ) from None
        return cls(path, lock)

    @property
    def instance(self) -> str:
        """The token of the instance that has, or last had, this folder; empty at first."""
        return os.pread(self._lock, 100, 0).decode()

    @instance.setter
    def instance(self, token: str) -> None:
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, token.encode(), 0)

    def part(self, name: str) -> Path:
        part = self.path / name
        part.mkdir(mode=0o700, exist_ok=True)
        return part

    def secret(self, name: str) -> str:
        """Made once, and kept where only the owner of the folder can read it."""
        kept = self.part("secrets") / name
        if not kept.exists():
            write_privately(kept, secrets.token_urlsafe(50))
        return kept.read_text(encoding="utf-8")

    def log(self, name: str) -> IO[bytes]:
        path = self.path / f"{name}.log"
        if path.exists() and path.stat().st_size > LONGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        path.touch(mode=0o600)
        return path.open("ab")

    def sockets(self, part: Path) -> Path:
        """Where a server may put its socket: in its part of the folder, or elsewhere if that is too long."""
        if len(os.fsencode(part)) <= LONGEST_SOCKET_FOLDER:
            return part
        self._elsewhere.append(Path(tempfile.mkdtemp(prefix="kefir-", dir="/tmp")))
        return self._elsewhere[-1]

    def close(self) -> None:
        for folder in self._elsewhere:
            for left in folder.iterdir():
                left.unlink()
            folder.rmdir()
        os.close(self._lock)


def write_privately(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _make(path: Path) -> None:
    try:
        # The database's user must get through; what is inside is private by itself.
        path.mkdir(mode=0o711, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise Refusal(f"{path} is not a folder. KEFIR_DATA names the one to use.") from None
    except OSError as error:
        raise Refusal(
            f"the data folder {path} cannot be made ({error.strerror}). Choose another with KEFIR_DATA."
        ) from None


def _open_lock(path: Path) -> int:
    try:
        return os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Refusal(
            f"the data folder {path} cannot be written to ({error.strerror}). Choose another with KEFIR_DATA."
        ) from None
