"""Discovery files: how a kernel tells the Jupyter server which benches it holds.

One small JSON file per bench in the Jupyter runtime directory, readable by its owner alone because it
carries the token of the command channel. Written when a bench starts, rewritten when its state changes,
removed when the kernel ends. A reader takes none of it on trust; see ``workbench/jupyter``.
"""

from __future__ import annotations

__all__ = ["Announcement", "announced_elsewhere", "current_kernel_id"]

import contextlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

_VERSION = 1
_PREFIX = "workbench-"


def current_kernel_id() -> str | None:
    """Return the id of the Jupyter kernel that this process is, or None outside a kernel."""
    if "ipykernel" not in sys.modules:
        return None
    from ipykernel.connect import get_connection_file  # heavy, and only inside a kernel

    try:
        connection_file = os.path.basename(get_connection_file())  # noqa: PTH119 - a name, not a path
    except RuntimeError:  # ipykernel is imported, but this process is no kernel
        return None
    match = re.fullmatch(r"kernel-(.+)\.json", connection_file)
    return match[1] if match else None


class Announcement:
    """The discovery file of one bench.

    Parameters
    ----------
    kernel
        Id of the kernel that holds the bench.
    slug
        The bench's name as it stands in the file name and in the public id.

    Attributes
    ----------
    id
        ``<kernel id>.<slug>``, the id under which the Jupyter server knows the bench.
    path
        Where the file lies while there is one.
    """

    def __init__(self, kernel: str, slug: str) -> None:
        self.id = f"{kernel}.{slug}"
        self.path = _directory() / f"{_PREFIX}{self.id}.json"
        self._kernel = kernel

    def write(self, **facts: Any) -> None:
        """Write the file anew, in one step, so that no reader ever sees half of it.

        Parameters
        ----------
        facts
            ``name``, ``dialect``, ``host``, ``port``, ``token``, ``state``, ``reason`` and ``url`` of the
            bench.
        """
        from jupyter_core.paths import secure_write  # only benches inside a kernel are announced

        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fixed = {"version": _VERSION, "id": self.id, "kernel": self._kernel}
        draft = self.path.with_suffix(f".{os.getpid()}.tmp")
        with secure_write(str(draft)) as file:
            json.dump({**fixed, "pid": os.getpid(), **facts}, file)
        draft.replace(self.path)

    def remove(self) -> None:
        """Remove the file; nothing happens where there is none."""
        with contextlib.suppress(OSError):
            self.path.unlink()


def announced_elsewhere(port: int) -> dict[str, Any] | None:
    """Find the bench of another live process that announced a port, to say who holds it.

    Parameters
    ----------
    port
        The port in use.

    Returns
    -------
    dict or None
        The content of the discovery file, or None where nobody announced the port.
    """
    for path in _directory().glob(f"{_PREFIX}*.json"):
        facts = _read(path)
        if facts is not None and facts.get("port") == port and _lives_elsewhere(facts):
            return facts
    return None


def _directory() -> Path:
    from jupyter_core.paths import jupyter_runtime_dir  # keeps `import workbench` light

    return Path(jupyter_runtime_dir())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def _lives_elsewhere(facts: dict[str, Any]) -> bool:
    pid = facts.get("pid")
    if not isinstance(pid, int) or pid == os.getpid() or facts.get("state") == "stopped":
        return False
    import psutil  # asked only when a port is taken

    return bool(psutil.pid_exists(pid))
