"""What no store took when the server stopped: kept in files, and taken up at the next load."""

from __future__ import annotations

__all__ = ["Recovery"]

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

_LONGEST = 120  # characters of a file's name


class Recovery:
    """A folder with one file for each unsaved document.

    Parameters
    ----------
    folder
        Gives the folder; it is made when something must be kept.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._folder()

    def file(self, document: str) -> Path:
        """Give the file of a document; names that no file can have are written differently."""
        name = quote(document, safe=" ").replace(".", "%2E")
        if len(name) > _LONGEST:
            name = f"{name[:_LONGEST]}-{hashlib.sha256(document.encode()).hexdigest()[:16]}"
        return self.folder / f"{name}.yjs"

    def keep(self, document: str, update: bytes) -> None:
        """Write a document's whole content; a file appears whole or not at all."""
        file = self.file(document)
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        with new.open("wb") as stream:
            stream.write(update)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)

    def read(self, document: str) -> bytes | None:
        """Give what is kept of a document; None for nothing."""
        try:
            return self.file(document).read_bytes()
        except FileNotFoundError:
            return None

    def forget(self, document: str) -> None:
        """Remove what is kept, now that a store has taken it."""
        self.file(document).unlink(missing_ok=True)
