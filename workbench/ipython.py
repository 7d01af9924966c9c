"""The notebook's side: the ``%%hook`` magic, telling which cell attached what, and errors without our frames.

Loaded by ``import workbench`` inside IPython, or by ``%load_ext workbench``. It adds two event handlers to
the shell: before a cell runs, each bench is told which cell it is, and afterwards that it ended. So running a
cell again replaces, as one edit, what its previous run attached. Errors whose sentence says it all are shown
below the user's own lines; ``%xmode Verbose`` shows every frame.
"""

from __future__ import annotations

__all__ = ["hook", "load", "track"]

import ast
import re
import sysconfig
from collections.abc import Callable
from types import FrameType, FunctionType, TracebackType
from typing import TYPE_CHECKING, Any, cast

from IPython.core.error import UsageError
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from workbench.bench.cells import Cell, cell_of, entered, left, running_cell, running_count, running_shell
from workbench.bench.registry import benches
from workbench.engine.errors import Told, WorkbenchError
from workbench.trace.failures import is_ours

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.board import Board

_MARK = "_workbench_cells"
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


class _CellTracker:
    """Tells boards when a cell begins and ends."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._cell: Cell | None = None
        self._boards: list[Board] = []

    def before(self, info: Any) -> None:
        """A cell begins."""
        self.begin(cell_of(info.cell_id, info.raw_cell or "", self._shell.execution_count))

    def after(self, result: Any) -> None:
        """A cell has ended, well or not."""
        cell, self._cell = self._cell, None
        boards, self._boards = self._boards, []
        if cell is not None:
            for board in boards:
                board.end_cell(cell.id, failed=not result.success)
        left()

    def begin(self, cell: Cell) -> None:
        self._cell, self._boards = cell, []
        entered(cell)
        for bench in benches.all():
            self.track(bench.board)

    def track(self, board: Board) -> None:
        if self._cell is not None:
            board.begin_cell(self._cell.id)
            self._boards.append(board)


def load(shell: Any) -> None:
    """Register magic and events with a shell; a second time does nothing.

    Parameters
    ----------
    shell
        The running IPython shell.
    """
    if hasattr(shell, _MARK):
        return
    tracker = _CellTracker(shell)
    setattr(shell, _MARK, tracker)
    Told._render_traceback_ = _told_lines  # type: ignore[attr-defined]  # IPython asks an error for it
    shell.register_magic_function(hook, "cell", "hook")
    shell.events.register("pre_run_cell", tracker.before)
    shell.events.register("post_run_cell", tracker.after)
    cell = _cell_that_imports(shell)
    if cell is not None:
        tracker.begin(cell)


def track(board: Board) -> None:
    """Let a board that was made by the running cell know the cell."""
    tracker = getattr(running_shell(), _MARK, None)
    if tracker is not None and running_cell() is not None:
        tracker.track(board)


def _told_lines(error: Told) -> list[str]:
    """Show an error as the shell does, but for the frames of this package and for what it came of."""
    shell: Any = running_shell()
    kind, frames = type(error), error.__traceback__
    theirs = None if shell.InteractiveTB.mode == "Verbose" else _users_frames(frames)
    if theirs is not None:
        twin = kind.__new__(kind, *error.args)
        twin.__dict__.update(error.__dict__)
        error, frames = twin, theirs
    offset = None if theirs is None else 0  # the shell's own frame is left out
    lines: list[str] = shell.InteractiveTB.structured_traceback(kind, error, frames, offset)
    return lines


def _users_frames(frames: TracebackType | None) -> TracebackType | None:
    theirs = []
    while frames is not None:
        if not _is_passed_through(frames.tb_frame):
            theirs.append(frames)
        frames = frames.tb_next
    kept: TracebackType | None = None
    for one in reversed(theirs):
        kept = TracebackType(kept, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return kept


def _is_passed_through(frame: FrameType) -> bool:
    """Whether it is the package's, a library's, or such as `dataclass` writes."""
    file = frame.f_code.co_filename
    return is_ours(file) or file.startswith((*_LIBRARIES, "<string>"))


def _cell_that_imports(shell: Any) -> Cell | None:
    """Find the cell that runs right now, whose beginning was not seen: the one with the import."""
    parent = getattr(shell, "parent_header", None) or {}
    if parent.get("header", {}).get("msg_type") == "execute_request":
        cell_id = parent.get("metadata", {}).get("cellId")
        return cell_of(cell_id, parent["content"].get("code", ""), running_count(shell))
    return None


def _hook(line: str, cell: str) -> None:
    """Attach the cell as a hook; running it again replaces the hook in place.

    A cell that defines functions is run as usual, and its last function is attached. A cell that defines none
    *is* the function's body: it sees the point's arguments under their own names (``peer``, ``message`` ...),
    may use ``await`` and ``return``, and what it assigns is local to the call.
    """
    if not line.strip():
        raise UsageError("%%hook takes a hook point, as in %%hook message; %%hook? tells the rest.")
    arguments = parse_argstring(hook, line)
    shell: Any = running_shell()
    bench = _bench(arguments.bench, shell.user_ns)
    try:
        chain = bench.chain(arguments.point)
        name = arguments.name or chain.point.alias or chain.point.title
        function = _function(cell, name, chain.point.parameters, shell)
        chain.attach(function, name=arguments.name, before=arguments.before, after=arguments.after)
    except WorkbenchError as error:
        raise UsageError(str(error)) from error
    names = " -> ".join(row.name for row in chain)
    print(f"{chain.point.title}: {names} (revision {bench.revision})")  # noqa: T201 - the cell's answer


_ARGUMENTS = (
    argument("point", help="the hook point, such as message"),
    argument("--name", help="what to call the hook; default: its function's name, or the point's"),
    argument("--bench", help="variable or name of the bench; default: the only one there is"),
    argument("--before", help="the hook in front of which it goes"),
    argument("--after", help="the hook behind which it goes"),
)


def _described(function: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Let ``%%hook?`` list the arguments."""
    for add in reversed(_ARGUMENTS):
        function = add(function)
    described: Callable[[str, str], None] = magic_arguments("hook")(function)
    return described


hook = _described(_hook)
"""The ``%%hook`` cell magic."""


def _bench(name: str | None, variables: dict[str, Any]) -> Workbench:
    from workbench.bench import Workbench

    if name is not None:
        found = variables.get(name, benches.get(name))
        if not isinstance(found, Workbench):
            raise UsageError(f"There is no bench {name!r}; known: {', '.join(benches) or 'none yet'}.")
        return found
    held = [bench for key, bench in variables.items() if isinstance(bench, Workbench) and key[0] != "_"]
    found_once = list({id(bench): bench for bench in held or benches.values()}.values())
    if not found_once:
        raise UsageError('There is no bench yet; make one with bench = Workbench("crossws").')
    if len(found_once) > 1:
        names = ", ".join(bench.name for bench in found_once)
        raise UsageError(f"There are several benches ({names}); say which one with --bench NAME.")
    return found_once[0]


def _function(cell: str, name: str, parameters: tuple[str, ...], shell: Any) -> FunctionType:
    """Make the function that a cell stands for, compiled so that tracebacks show the cell's own lines."""
    source = "\n" + shell.transform_cell(cell)  # the magic's own line counts as the first
    file = shell.compile.cache(source, running_count(shell), raw_code="%%hook\n" + cell)
    tree = ast.parse(source, filename=file)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if not functions:
        wanted = re.sub(r"\W", "_", name)
        tree = _wrapped(tree, wanted, parameters)
    else:
        wanted = functions[-1].name
    namespace: dict[str, Any] = shell.user_ns if functions else {}  # a plain body leaves no variable
    exec(compile(tree, file, "exec"), shell.user_ns, namespace)  # noqa: S102 - a cell is code to run
    return cast("FunctionType", namespace[wanted])


def _wrapped(tree: ast.Module, name: str, parameters: tuple[str, ...]) -> ast.Module:
    """Put statements into a function with the point's parameters."""
    awaits = any(isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in ast.walk(tree))
    keyword = "async def" if awaits else "def"
    shell_tree = ast.parse(f"{keyword} {name}({', '.join(parameters)}): pass")
    definition = cast("ast.FunctionDef | ast.AsyncFunctionDef", shell_tree.body[0])
    definition.body = tree.body or definition.body
    return shell_tree
