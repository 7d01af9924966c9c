"""`bench.save("app.py")`: the bench as a file that runs without Jupyter."""

from __future__ import annotations

__all__ = ["CannotSave", "Saving", "written"]

from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench.bench.file import BenchFile
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


class Saving:
    """What a bench can do to become a file."""

    def save(self, path: str | Path, *, leave_out: bool = False) -> Path:
        """Write chains, hook sources, routes, services and settings as a file to read, to keep and to run.

        ``workbench serve app.py`` and ``uvicorn app:asgi`` run it.

        Parameters
        ----------
        path
            A file that is there already is written anew.
        leave_out
            Leave out what cannot be written, with a remark in its place, instead of refusing.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        CannotSave
            For a hook that stands on a live object; names it, and the line.
        """
        text, troubles = written(cast("Workbench", self))
        if troubles and not leave_out:
            raise CannotSave(troubles)
        target = Path(path)
        target.write_text(text, encoding="utf-8")
        return target


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
