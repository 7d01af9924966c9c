"""`bench.save("app.py")`, `workbench.save("app.py", chat, feed)`: benches as a file that needs no Jupyter."""

from __future__ import annotations

__all__ = ["BadPath", "CannotSave", "Saving", "SecretsInText", "is_foreign", "put", "save"]

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench.bench.file import OPENING, SEVERAL, BenchFile
from workbench.bench.troubles import Trouble
from workbench.engine.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench


class CannotSave(WorkbenchError):
    """Something of the bench cannot be written out.

    Attributes
    ----------
    troubles
        What, of which hook, and where.
    """

    def __init__(self, troubles: list[Trouble]) -> None:
        self.troubles = troubles
        listed = "\n".join(f"  - {trouble}" for trouble in troubles)
        super().__init__(
            f"Not written, as the file would not do what the bench does:\n{listed}\n"
            "Let the hook make or import what it needs, or leave such things out: "
            "bench.save(path, leave_out=True)."
        )


class BadPath(WorkbenchError):
    """A path at which the file is not to be written; the sentence says why, and what to do."""


class SecretsInText(UserWarning):
    """What looks like a secret stands in a saved file, as it stood in the notebook.

    Attributes
    ----------
    names
        Under which names.
    """

    def __init__(self, path: Path, names: list[str]) -> None:
        self.names = names
        super().__init__(
            f'"{path}" holds what looks like a secret as text: {", ".join(names)}. '
            "Take care who sees it, or let the hook look it up where it runs, as in os.environ."
        )


class Saving:
    """What a bench can do to become a file."""

    def save(self, path: str | os.PathLike[str], *, leave_out: bool = False, over: bool = False) -> Path:
        """Write chains, hook sources, routes, services and settings as a file to read, to keep and to run.

        ``workbench serve app.py`` and ``uvicorn app:asgi`` run it. `workbench.save` writes several benches
        into one file. What looks like a secret and stands in the notebook as text stands in the file too; a
        warning names it, and so does the file's head.

        Parameters
        ----------
        path
            A file that was saved there already is written anew.
        leave_out
            Leave out what cannot be written, with a remark in its place, instead of refusing.
        over
            Write also over a file that no bench was saved in, such as the script that runs.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        CannotSave
            For a hook that stands on a live object; names it, and the line.
        BadPath
            For a folder, a folder that is not there, and a file of somebody else's.
        """
        return _save(path, (cast("Workbench", self),), leave_out=leave_out, over=over)


def save(
    path: str | os.PathLike[str], *benches: Workbench, leave_out: bool = False, over: bool = False
) -> Path:
    """Write several benches into one file, and what they have in common once.

    ``workbench serve app.py`` runs them side by side.

    Parameters
    ----------
    path, leave_out, over
        As `Workbench.save` takes them.
    benches
        In the order in which they are written; each has a name of its own.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    CannotSave, BadPath
        As `Workbench.save` raises them.
    WorkbenchError
        For no bench, for something else than one, and for two of one name.
    """
    _check(benches)
    return _save(path, benches, leave_out=leave_out, over=over)


def _save(path: object, benches: Sequence[Workbench], *, leave_out: bool, over: bool) -> Path:
    target = _place(path, over=over, several=len(benches) > 1)
    file = BenchFile(*benches)
    text = file.text()
    if file.troubles and not leave_out:
        raise CannotSave(file.troubles)
    put(target, text)
    if file.secrets:
        warnings.warn(SecretsInText(target, file.secrets), stacklevel=3)
    return target


def _check(benches: Sequence[object]) -> None:
    if not benches:
        raise WorkbenchError("A bench to save is expected, as in workbench.save(path, bench)")
    for one in benches:
        if not isinstance(one, Saving):
            raise WorkbenchError(f"A bench to save is expected, not {one!r}")
    names = [cast("Workbench", one).name for one in benches]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise WorkbenchError(
            f"Two of the benches are called {twice!r}, and only one of a name can run: give one another name"
        )


def _place(path: object, *, over: bool, several: bool) -> Path:
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise BadPath(f'The path of a file is expected, such as "app.py", not {path!r}.')
    target = Path(path)
    with _told(target):
        if target.is_dir():
            raise BadPath(f'"{target}" is a folder; a file is expected, such as "{target / "app.py"}".')
        if not target.parent.is_dir():
            raise BadPath(f'There is no folder "{target.parent}": make it first, or save elsewhere.')
        if not over and is_foreign(target, several=several):
            held = "is no saved bench" if is_foreign(target, several=True) else "holds several benches"
            raise BadPath(
                f'"{target}" is there already and {held}: choose another name, or write over it '
                "by bench.save(path, over=True)."
            )
    return target


def is_foreign(path: Path, *, several: bool = False) -> bool:
    """Tell whether there is a file that has something else in it than a saved bench, or several of them."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        begin = file.read(len(SEVERAL)).decode(errors="replace")
    return bool(begin) and not begin.startswith((OPENING, SEVERAL) if several else OPENING)


def put(path: Path, text: str) -> None:
    """Write a text into a file; raises BadPath where the disk refuses."""
    with _told(path):
        path.write_text(text, encoding="utf-8")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in one sentence what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise BadPath(f'"{path}" cannot be written ({error.strerror}): save elsewhere.') from None
