"""`bench.save("app.py")`: the bench as a file that runs without Jupyter."""

from __future__ import annotations

__all__ = ["CannotSave", "Saving"]

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workbench.bench.sources import Source, Trouble
from workbench.engine.errors import WorkbenchError
from workbench.engine.hooks import Hook
from workbench.server.options import ServerOptions

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench

_HEAD = '''"""The bench {name}, as it stood at revision {revision}.

Run it by `workbench serve FILE.py`, or by `uvicorn MODULE:asgi`.
"""'''

_SECRET = frozenset({"token"})


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
            "Let the hook make or import what it needs, or leave such hooks out: "
            "bench.save(path, leave_out=True)."
        )


class Saving:
    """What a bench can do to become a file."""

    def save(self, path: str | Path, *, leave_out: bool = False) -> Path:
        """Write chain, hook sources and settings as a file to read, to keep and to run.

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
    variable = bench.board.spoken if bench.board.spoken.isidentifier() else "bench"
    source = Source(bench, variable)
    lines = []
    for row in bench.board.state.hooks():
        name = source.function(row.name, row.function)
        lines += [f"# left out: {source.troubles[-1]}"] if name is None else _attached(variable, row, name)
    imports = {"from workbench import Workbench", *source.imports.values()}
    if any("Scope(" in line for line in lines):
        imports.add("from workbench.engine.hooks import Scope")
    parts = [
        _HEAD.format(name=bench.name.replace("\\", "/").replace('"', "'"), revision=bench.revision),
        "from __future__ import annotations\n\n" + "\n".join(sorted(imports)),
        _made(bench, variable),
        *source.definitions.values(),
        "\n".join(lines),
        f"asgi = {variable}.asgi",
    ]
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n", source.troubles


def _made(bench: Workbench, variable: str) -> str:
    given = {"name": bench.name, **_settings(bench)}
    arguments = "".join(f", {name}={quoted(value)}" for name, value in given.items())
    lines = [f'{variable} = Workbench("{bench.dialect}"{arguments})']
    for path, mount in bench.mounts.items():
        if path != "/":
            more = "".join(f", {name}={quoted(value)}" for name, value in mount.options.items())
            lines.append(f'{variable}.mount("{path}", "{mount.dialect.name}"{more})')
    return "\n".join(lines)


def quoted(value: object) -> str:
    """Write a value as the file has it: texts in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _settings(bench: Workbench) -> dict[str, Any]:
    """Options that differ from what they are by themselves; secrets are made anew where they are needed."""
    usual, now = ServerOptions(), bench.serving.options
    changed = {
        field.name: getattr(now, field.name)
        for field in fields(ServerOptions)
        if getattr(now, field.name) != getattr(usual, field.name)
    }
    server = {name: True if name in _SECRET else value for name, value in changed.items()}
    return {**bench.mounts["/"].options, **server}


def _attached(variable: str, hook: Hook, name: str) -> list[str]:
    keywords = {"name": hook.name}
    if hook.lane:
        keywords["lane"] = hook.lane
    if hook.kind != "call":
        keywords["kind"] = hook.kind
    more = "".join(f", {key}={quoted(value)}" for key, value in keywords.items())
    if hook.priority:
        more += f", priority={hook.priority!r}"
    chain = f"{variable}.board"
    lines = [f"{chain}.attach({quoted(hook.point)}, {name}{more}, append=True)"]
    if not hook.enabled:
        lines.append(f"{chain}.enable({quoted(hook.name)}, False, point={quoted(hook.point)})")
    if hook.scope.shadow:
        lines.append(
            f"{chain}.set_scope({quoted(hook.name)}, Scope(shadow=True), point={quoted(hook.point)})"
        )
    return lines
