"""`bench.save("app.py")`: the bench as a file that runs without Jupyter."""

from __future__ import annotations

__all__ = ["BadPath", "CannotSave", "Saving", "is_foreign", "put", "written"]

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench.bench.file import OPENING, BenchFile
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


class Saving:
    """What a bench can do to become a file."""

    def save(self, path: str | os.PathLike[str], *, leave_out: bool = False, over: bool = False) -> Path:
        """Write chains, hook sources, routes, services and settings as a file to read, to keep and to run.

        ``workbench serve app.py`` and ``uvicorn app:asgi`` run it.

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
        target = _place(path, over=over)
        text, troubles = written(cast("Workbench", self))
        if troubles and not leave_out:
            raise CannotSave(troubles)
        return put(target, text)


def _place(path: object, *, over: bool) -> Path:
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise BadPath(f'The path of a file is expected, such as "app.py", not {path!r}.')
    target = Path(path)
    with _told(target):
        if target.is_dir():
            raise BadPath(f'"{target}" is a folder; a file is expected, such as "{target / "app.py"}".')
        if not target.parent.is_dir():
            raise BadPath(f'There is no folder "{target.parent}": make it first, or save elsewhere.')
        if not over and is_foreign(target):
            raise BadPath(
                f'"{target}" is there already and is no saved bench: choose another name, or write over it '
                "by bench.save(path, over=True)."
            )
    return target


def is_foreign(path: Path) -> bool:
    """Tell whether there is a file that has something else in it than a saved bench."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        begin = file.read(len(OPENING))
    return begin not in (b"", OPENING.encode())


def put(path: Path, text: str) -> Path:
    """Write a text into a file, which is given back; raises BadPath where the disk refuses."""
    with _told(path):
        path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in one sentence what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise BadPath(f'"{path}" cannot be written ({error.strerror}): save elsewhere.') from None


def written(bench: Workbench) -> tuple[str, list[Trouble]]:
    """Write a bench out.

    Parameters
    ----------
    bench
        As it stands now.

    Returns
    -------
    tuple
        The text, and what is missing from it.
    """
    file = BenchFile(bench)
    return file.text(), file.troubles
