"""Running a user's file and finding its benches."""

from __future__ import annotations

__all__ = ["benches_in", "load", "split_target"]

import sys
import traceback
import warnings
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from workbench.cli.errors import CommandError
from workbench.engine.errors import near

if TYPE_CHECKING:
    from workbench.bench import Workbench


def split_target(target: str) -> tuple[Path, str | None]:
    """Split ``FILE.py:name`` into file and variable.

    Parameters
    ----------
    target
        As typed; a file whose own name holds a colon is found too.

    Raises
    ------
    CommandError
        When there is no such file.
    """
    path, name = Path(target), None
    if not path.exists() and ":" in target:
        head, _, name = target.rpartition(":")
        path = Path(head)
    if path.is_dir():
        raise CommandError(f"{path} is a folder; name the Python file that defines the bench.")
    if not path.is_file():
        raise CommandError(f"There is no file {path}; expected FILE.py or FILE.py:name.")
    if name == "":
        raise CommandError(f"A bench's variable is expected after the colon of {target!r}.")
    return path, name


def load(path: Path) -> ModuleType:
    """Run a file as a module whose folder comes first on the import path, as Python does with a program.

    Parameters
    ----------
    path
        The file; its ``__name__`` is ``served_<name>``, so that ``if __name__ == "__main__"`` is skipped.

    Raises
    ------
    CommandError
        When it is not Python, or raises; names file and line.
    """
    module = ModuleType(f"served_{path.stem}")
    module.__file__ = str(path.resolve())
    sys.modules[module.__name__] = module  # dataclasses and pickle look a class's module up there
    sys.path.insert(0, str(path.resolve().parent))
    try:
        code = compile(path.read_bytes(), module.__file__, "exec", dont_inherit=True)
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", message="ASGI cannot"
            )  # `asgi = bench.asgi` is for other servers
            exec(code, vars(module))  # noqa: S102 - running the user's file is what this is for
    except SyntaxError as error:
        raise CommandError(_syntax_sentence(error, path)) from error
    except OSError as error:
        raise CommandError(_sentence(error, path)) from error
    except SystemExit as error:
        raise CommandError(
            f"{_place(error, path)}: the file ends itself by sys.exit({error.code!r})."
        ) from error
    except Exception as error:
        raise CommandError(_sentence(error, path)) from error
    return module


def benches_in(module: ModuleType, path: Path, name: str | None) -> list[Workbench]:
    """List the benches that a module holds, in the order in which the file first names them.

    Parameters
    ----------
    module
        The file, run.
    path
        The file as the user typed it, for errors.
    name
        Variable of the only one wanted, or its bench's name; None takes all.

    Raises
    ------
    CommandError
        When there is none, or none of that name.
    """
    from workbench.bench import Workbench

    held = {key: value for key, value in vars(module).items() if isinstance(value, Workbench)}
    if not held:
        raise CommandError(f'{path} defines no bench; expected a line such as bench = Workbench("crossws").')
    if name is None:
        return list({id(bench): bench for bench in held.values()}.values())
    for key, bench in held.items():
        if name in (key, bench.name):
            return [bench]
    raise CommandError(f"{path} defines no bench {name!r}{near(name, held)}")


def _syntax_sentence(error: SyntaxError, path: Path) -> str:
    shown = path if error.filename in (None, str(path.resolve())) else error.filename
    code = f": {error.text.strip()}" if error.text and error.text.strip() else ""
    return f"{shown}:{error.lineno or 1}: {type(error).__name__}: {error.msg}{code}"


def _sentence(error: BaseException, path: Path) -> str:
    text = str(error)
    return f"{_place(error, path)}: {type(error).__name__}" + (f": {text}" if text else "")


def _place(error: BaseException, path: Path) -> str:
    """Say where in the user's file the error came from: the innermost line of that file."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path.resolve())
    ]
    return f"{path}:{lines[-1]}" if lines else str(path)
