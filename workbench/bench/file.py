"""Benches as the text of a file: what they stand on, how they are made, what is registered, their hooks."""

from __future__ import annotations

__all__ = ["OPENING", "SEVERAL", "BenchFile"]

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from workbench.bench.mounted import MountView
from workbench.bench.part import BenchPart
from workbench.bench.secrecy import secrets_in
from workbench.bench.spelling import WIDTH, listed
from workbench.bench.troubles import Trouble
from workbench.bench.values import Values
from workbench.dialects.writing import Making, Step

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench

OPENING: Final = '"""The bench '
"""What every file begins with in which one bench was saved."""

SEVERAL: Final = '"""The benches '
"""What one begins with in which several were."""

_DEFINES: Final = ("def ", "class ", "async def ", "@")


class BenchFile:
    """Writes benches, and what they have in common once.

    Parameters
    ----------
    benches
        As they stand now.

    Attributes
    ----------
    secrets
        Names of what looks like a secret and stands in the text; known once it is written.
    """

    def __init__(self, *benches: Workbench) -> None:
        self._benches = benches
        self._parts: list[BenchPart] = []
        self.values = Values(self._reach, self._making, MountView)
        self.secrets: list[str] = []
        for bench in benches:
            self._parts.append(BenchPart(bench, self.values))

    @property
    def troubles(self) -> list[Trouble]:
        """What cannot be written."""
        return self.values.troubles

    def text(self) -> str:
        """Write it all."""
        for part in self._parts:
            part.make()
        for part in self._parts:
            part.fill()
        pieces = self.values.pieces
        lines = [line for part in self._parts for line in part.lines]
        body = _spaced([*pieces.in_order(), *lines, *pieces.after.values()])
        self.secrets = secrets_in(body)
        start = f"{self._head()}\n\nfrom __future__ import annotations\n\n{_imports(pieces.imports.values())}"
        gap = "\n\n\n" if body.startswith(_DEFINES) else "\n\n"
        end = f"\n\nasgi = {self._parts[0].variable}.asgi" if len(self._parts) == 1 else ""
        return f"{start}{gap}{body}{end}\n"

    def _head(self) -> str:
        """Say what the file is, how it is run, and what in it should not be shown around."""
        names = [part.name.replace("\\", "/").replace('"', "'") for part in self._parts]
        revisions = [str(bench.revision) for bench in self._benches]
        if len(names) == 1:
            said = f"{OPENING}{names[0]}, as it stood at revision {revisions[0]}."
            run = "Run it by `workbench serve FILE.py`, or by `uvicorn MODULE:asgi`."
        else:
            said = f"{SEVERAL}{_and(names)}, as they stood at revisions {_and(revisions)}."
            one = self._parts[0].variable
            run = f"Run them by `workbench serve FILE.py`, or one of them by `uvicorn MODULE:{one}.asgi`."
        secrets = ", ".join(self.secrets)
        care = f"Take care who sees it: what looks like a secret stands here as text: {secrets}."
        return "\n\n".join([said, run, *([care] if self.secrets else [])]) + '\n"""'

    def _reach(self, value: object) -> tuple[str, tuple[Step, ...]] | None:
        """Say how an object is reached from one of the benches."""
        found = (part.reach(value) for part in self._parts)
        return next((way for way in found if way is not None), None)

    def _making(self, value: object) -> Making | None:
        found = (part.making(value) for part in self._parts)
        return next((making for making in found if making is not None), None)


def _and(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _imports(lines: Iterable[str]) -> str:
    """Put imports as people do: Python's own first; modules before names, those of one module together."""
    plain: set[str] = set()
    named: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("import "):
            plain.add(line.removeprefix("import "))
        else:
            module, _, name = line.removeprefix("from ").partition(" import ")
            named.setdefault(module, set()).add(name)
    groups: dict[bool, list[str]] = {True: [], False: []}
    for module in sorted(plain):
        groups[_is_pythons(module)].append(f"import {module}")
    for module, names in sorted(named.items()):
        groups[_is_pythons(module)].append(_from(module, sorted(names)))
    return "\n\n".join("\n".join(group) for group in groups.values() if group)


def _is_pythons(module: str) -> bool:
    return module.partition(" ")[0].partition(".")[0] in sys.stdlib_module_names


def _from(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    return line if len(line) <= WIDTH else listed(f"from {module} import (", names, ")")


def _spaced(texts: Iterable[str]) -> str:
    """Put lines one below the other, and definitions apart from all else."""
    written = ""
    last_open = False
    for text in texts:
        opens = text.startswith(_DEFINES)
        written += "\n\n\n" if written and (opens or last_open) else "\n" if written else ""
        written += text
        last_open = opens
    return written
