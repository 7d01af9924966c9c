"""Reading the files by which kernels announce their benches. Nothing in them is taken on trust.

Anybody who can write into the runtime directory can already run code as this user, so what is guarded here is
the common machine: a directory that others may write to, a link to somebody else's file, a file that outlived
its kernel, a host that would turn the proxy into a way out of the machine.
"""

from __future__ import annotations

__all__ = ["SERVER_ID", "Announcement", "read_announcement", "read_announcements", "split_id"]

import contextlib
import ipaddress
import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

_PREFIX = "workbench-"
_VERSION = 1
_LARGEST = 64 * 1024
SERVER_ID = re.compile(r"(?P<kernel>[A-Za-z0-9][A-Za-z0-9_-]{0,127})\.(?P<slug>[a-z0-9][a-z0-9-]{0,63})")
"""``<kernel id>.<slug of the bench>``; holds no separator and no dot beyond the one in the middle."""

_NOT_BINDABLE = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class Announcement:
    """One bench as its kernel announced it.

    Attributes
    ----------
    id, name, dialect, kernel
        Who it is.
    pid
        The kernel's process.
    host, port
        Where the hook server listens; the host is always a loopback address.
    token
        Bearer token of the command channel. Kept out of the representation, so no log line shows it.
    state, reason
        ``stopped``, ``ready``, ``live`` or ``failed`` as of the file's writing, and why in words.
    """

    id: str
    name: str
    dialect: str
    kernel: str
    pid: int
    host: str
    port: int
    token: str = field(repr=False)
    state: str
    reason: str

    @property
    def authority(self) -> str:
        """Host and port as they stand in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def split_id(server_id: str) -> tuple[str, str] | None:
    """Split an id into kernel id and slug; None where it is no id at all."""
    match = SERVER_ID.fullmatch(server_id)
    return (match["kernel"], match["slug"]) if match else None


def read_announcement(directory: Path, server_id: str) -> Announcement | None:
    """Read one bench's file.

    Parameters
    ----------
    directory
        The Jupyter runtime directory.
    server_id
        Must match `SERVER_ID`; anything else reads nothing.

    Returns
    -------
    Announcement or None
        None where there is no such file, it is not to be trusted, or its process is gone; in the last
        case the file is removed.
    """
    if split_id(server_id) is None:
        return None
    path = directory / f"{_PREFIX}{server_id}.json"
    opened = _open_own_file(path)
    if opened is None:
        return None
    text, status = opened
    announcement = _parse(text, server_id)
    if announcement is None:
        return None
    if _process_wrote(announcement.pid, status.st_mtime):
        return announcement
    _remove_stale(path, status)
    return None


def read_announcements(directory: Path) -> list[Announcement]:
    """Read all files of a runtime directory, in the order of their names."""
    names = sorted(path.name for path in directory.glob(f"{_PREFIX}*.json"))
    ids = (name[len(_PREFIX) : -len(".json")] for name in names)
    found = (read_announcement(directory, server_id) for server_id in ids)
    return [announcement for announcement in found if announcement is not None]


def _open_own_file(path: Path) -> tuple[str, os.stat_result] | None:
    """Read a file that is plain, ours, private and small; the checks are made on what was opened."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not _is_private(status):
            return None
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        return None
    return data.decode("utf-8", "replace"), status


def _is_private(status: os.stat_result) -> bool:
    if not stat.S_ISREG(status.st_mode):
        return False
    if os.name == "nt":  # the access list that secure_write sets says it there; modes mean nothing
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _parse(text: str, server_id: str) -> Announcement | None:
    try:
        facts = json.loads(text)
    except ValueError:
        return None
    if not isinstance(facts, dict) or facts.get("version") != _VERSION or facts.get("id") != server_id:
        return None
    return _checked(facts, server_id)


def _checked(facts: dict[str, Any], server_id: str) -> Announcement | None:
    kernel = SERVER_ID.fullmatch(server_id)
    host = _loopback(facts.get("host"))
    port, pid = _whole(facts.get("port"), 65535), _whole(facts.get("pid"), 2**31)
    if kernel is None or facts.get("kernel") != kernel["kernel"] or host is None or port is None or not pid:
        return None
    words = {name: _text(facts.get(name)) for name in ("name", "dialect", "token", "state", "reason")}
    return Announcement(id=server_id, kernel=kernel["kernel"], pid=pid, host=host, port=port, **words)


def _whole(value: object, largest: int) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= largest
    return value if fits and isinstance(value, int) else None


def _text(value: object) -> str:
    return value[:4096] if isinstance(value, str) else ""


def _loopback(host: object) -> str | None:
    """Return the address to connect to, or None for anything that is not this machine."""
    if not isinstance(host, str):
        return None
    host = _NOT_BINDABLE.get(host, host)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return str(address) if address.is_loopback else None


def _process_wrote(pid: int, written: float) -> bool:
    """Tell whether the process that wrote the file still lives; a younger one only inherited its number."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.create_time() <= written + 2
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _remove_stale(path: Path, seen: os.stat_result) -> None:
    """Remove the file that was read, unless a restarted kernel has put a new one in its place."""
    with contextlib.suppress(OSError):
        now = path.lstat()
        if (now.st_ino, now.st_mtime_ns) == (seen.st_ino, seen.st_mtime_ns):
            path.unlink()
