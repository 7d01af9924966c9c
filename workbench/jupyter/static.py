"""The front end's files, kept by browsers for ever once they carry the hash of what they are."""

from __future__ import annotations

__all__ = ["StaticHandler", "static_directory"]

import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from tornado.web import StaticFileHandler, authenticated

from workbench.jupyter.base import WorkbenchHandler

_HASH = re.compile(r"[0-9a-f]{8,64}")
_FOREVER = "private, max-age=31536000, immutable"


def static_directory() -> Path:
    """Return the folder of the built front end; it is missing in a checkout that was not built."""
    return Path(__file__).parent.parent / "static"


class StaticHandler(WorkbenchHandler, StaticFileHandler):
    """Serves ``static/<file>``; with ``?v=<start of the file's SHA-256>`` it may be kept for ever.

    A ``v`` that is not the file's own (an old page after an upgrade) gets the file and ``no-cache``, so
    nobody keeps the new file under the old name.
    """

    def initialize(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Point at the folder of the front end."""
        StaticFileHandler.initialize(self, str(static_directory()), **kwargs)

    @authenticated
    async def get(self, path: str, include_body: bool = True) -> None:  # type: ignore[override]
        """Serve a file."""
        await self.require("read")
        await StaticFileHandler.get(self, path, include_body)

    @authenticated
    async def head(self, path: str) -> None:  # type: ignore[override]
        """Serve the head of a file."""
        await self.require("read")
        await StaticFileHandler.get(self, path, include_body=False)

    def set_extra_headers(self, path: str) -> None:
        """Say how long the file may be kept."""
        del path
        asked = self.get_query_argument("v", "")
        forever = bool(_HASH.fullmatch(asked)) and _digest_of(Path(str(self.absolute_path))).startswith(asked)
        self.set_header("Cache-Control", _FOREVER if forever else "no-cache")


def _digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, computed anew only when the file has changed."""
    status = path.stat()
    return _digest(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _digest(path: Path, changed: int, size: int) -> str:
    del changed, size  # they are here to tell versions of the file apart
    return sha256(path.read_bytes()).hexdigest()
