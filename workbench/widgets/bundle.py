"""The built front end: where it lies, whether it is there, and its hash.

The files are made by the build of `labextension/` and read when first needed, never at import, so that a
checkout without them runs everything but the live page.
"""

from __future__ import annotations

__all__ = ["FILES", "NotBuilt", "built", "content_hash", "directory", "loader", "module", "text"]

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

FILES: Final = ("bench.js", "bench.css", "editor.js")
"""What a page may ask for over the channel."""

_LOADER: Final = "loader.js"
_DIRECTORY: Final = Path(__file__).resolve().parent.parent / "static"
_HASH_DIGITS: Final = 16


class NotBuilt(Exception):
    """The front end's files are not there."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The live view is not built (workbench/static/{name} is missing): run `npm ci && npm run build` "
            "in labextension/, or install a released hook-workbench."
        )


def directory() -> Path:
    """Return where the built files lie."""
    return _DIRECTORY


def built() -> bool:
    """Tell whether a page can be served: loader and bundle are there."""
    return all((directory() / name).is_file() for name in (_LOADER, FILES[0]))


def text(name: str) -> str:
    """Return the text of a built file.

    Parameters
    ----------
    name
        ``loader.js``, ``bench.js``, ``editor.js`` or ``bench.css``; a missing style sheet is an empty one,
        since the bundle may carry its own.

    Raises
    ------
    NotBuilt
        When the file is not there.
    """
    path = directory() / name
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        if name == "bench.css":
            return ""
        raise NotBuilt(name) from None


def loader() -> str:
    """Return the text of the small module that fetches the bundle.

    Raises
    ------
    NotBuilt
        When it is not there.
    """
    return text(_LOADER)


def content_hash(name: str = "bench.js") -> str:
    """Return the first 16 hexadecimal digits of a built file's SHA-256, by which pages and proxies cache it.

    Raises
    ------
    NotBuilt
        When the file is not there.
    """
    return hashlib.sha256(text(name).encode()).hexdigest()[:_HASH_DIGITS]


def module(message: Mapping[str, Any]) -> dict[str, str]:
    """Answer the channel's ``module``: name, hash and text of the file that it asks for.

    Raises
    ------
    NotBuilt
        When the file is not there.
    """
    name = message.get("file", FILES[0])
    return {"file": name, "hash": content_hash(name), "text": text(name)}


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> str:
    return path.read_text(encoding="utf-8")
