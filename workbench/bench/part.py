"""One bench as lines of a file: how it and its mounts are made, what is registered, its hooks."""

from __future__ import annotations

__all__ = ["BenchPart", "Page"]

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from workbench.bench import origins, sources
from workbench.bench.attached import Attached
from workbench.bench.mounted import MountView
from workbench.bench.mounts import Mount
from workbench.bench.spelling import PLAIN, listed, quoted
from workbench.bench.troubles import Asker
from workbench.bench.values import Values
from workbench.dialects.writing import Call, Making, Step, Writes, Written
from workbench.engine.points import REDUCES
from workbench.naming import slug
from workbench.server.options import ServerOptions

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Page:
    """One mounted application and how the file speaks of it.

    Attributes
    ----------
    mount
        The mount.
    variable
        What holds it in the file.
    written
        What its dialect says.
    """

    mount: Mount
    variable: str
    written: Written


class BenchPart:
    """Writes one bench into a file.

    Parameters
    ----------
    bench
        As it stands now.
    values
        What the file has so far; the names that it takes are the file's.

    Attributes
    ----------
    name, variable
        What people call the bench, and what holds it in the file.
    lines
        What is registered and attached, in order.
    """

    def __init__(self, bench: Workbench, values: Values) -> None:
        self._bench = bench
        self.name = bench.name  # settles the variable
        self._space: Mapping[str, Any] = bench.space
        self.values = values
        self.lines: list[str] = []
        spoken = bench.board.spoken
        variable = spoken if spoken.isidentifier() else "bench"
        self._pages = [self._page(mount, variable) for mount in bench.mounts.values()]
        self.variable = self._pages[0].variable

    def make(self) -> None:
        """Write the lines that make the bench and its mounts; they stand before all that is registered."""
        for page in self._pages:
            self._make(page)

    def fill(self) -> None:
        """Write what is registered and attached."""
        for page in self._pages:
            self._policies(page)
            for call in page.written.calls():
                if not call.hooks:
                    self.call(page, call)
        Attached(self, self._pages, self._bench).write()
        self._errors()
        self._trials()

    # -- what the file knows -------------------------------------------------------------------------

    def _page(self, mount: Mount, variable: str) -> Page:
        dialect = mount.dialect
        make = dialect.written if isinstance(dialect, Writes) else Written
        if mount.path != "/":
            held = (
                name
                for name, one in self._space.items()
                if isinstance(one, MountView) and _mount_of(one) is mount
            )
            variable = next(held, None) or slug(mount.path).replace("-", "_")
        variable = self.values.own(variable, mount.app)
        return Page(mount, variable, make(mount, mount.app, mount.options))

    def reach(self, value: object) -> tuple[str, tuple[Step, ...]] | None:
        """Say how an object is reached from the bench."""
        if isinstance(value, MountView):
            mount = _mount_of(value)
            return next(((page.variable, ()) for page in self._pages if page.mount is mount), None)
        for page in self._pages:
            steps = page.written.reach(value)
            if steps is not None:
                return page.variable, steps
        return None

    def making(self, value: object) -> Making | None:
        """Say how one of its dialects' own objects is made."""
        found = (page.written.making(value) for page in self._pages)
        return next((making for making in found if making is not None), None)

    def asker(self, subject: str, function: object = None) -> Asker:
        """Give for whom something is written: a hook with its function, or a part of the bench."""
        code = getattr(function, "__code__", None)
        line = "the bench" if code is None else sources.where(code)
        return Asker(subject, line, "", self._space)

    # -- lines ---------------------------------------------------------------------------------------

    def attempt(self, make: Callable[[], str]) -> str | None:
        """Write a line whole, or a remark that says what was left out."""
        text = self.values.attempt(make)
        self.lines += self._remarks() if text is None else [text]
        return text

    def _remarks(self) -> list[str]:
        return [f"# left out: {trouble}".replace("\n", " ") for trouble in self.values.recent]

    def call(self, page: Page, call: Call) -> str | None:
        """Write a call of a public member; None where it could not be."""
        function = next(
            (one for step in reversed(call.steps) for one in step.arguments if callable(one)), None
        )
        asker = self.asker(call.subject, function)
        return self.attempt(lambda: self.values.steps(page.variable, call.steps, asker))

    def _make(self, page: Page) -> None:
        """Write the line that makes the bench, or a mount of it."""
        home = page.mount.path == "/"
        given = page.written.options()
        found = origins.assigned(self._space, page.variable)
        with self.values.pieces.open(page.variable, found.place if found else (0, 0)) as piece:
            if home:
                self.values.keep("Workbench", type(self._bench))
                self.values.pieces.imports["Workbench"] = "from workbench import Workbench"
                given = {"name": self.name, **given, **self._server_options()}
            parts = [] if home else [quoted(page.mount.path)]
            parts += [quoted(page.mount.dialect.name)]
            remarks = []
            for name, value in given.items():
                text = self._option(page, name, value)
                parts += [] if text is None else [f"{name}={text}"]
                remarks += self._remarks() if text is None else []
            start = "Workbench(" if home else f"{self.values.pieces.use(self.variable)}.mount("
            piece.write("\n".join([*remarks, listed(f"{page.variable} = {start}", parts, ")")]))

    def _option(self, page: Page, name: str, value: object) -> str | None:
        asker = self.asker(f"the option {name}", value)
        if not isinstance(value, (*PLAIN, list, tuple, dict)):
            return self.values.attempt(lambda: self.values.expression(value, asker))
        found = origins.keyword(self._space, page.variable, name)
        return self.values.attempt(lambda: self.values.as_written(value, found, asker))

    def _server_options(self) -> dict[str, Any]:
        """Options that differ from what they are by themselves; a token is made anew where the file runs."""
        usual, now = ServerOptions(), self._bench.serving.given
        changed = {
            one.name: getattr(now, one.name)
            for one in fields(ServerOptions)
            if getattr(now, one.name) != getattr(usual, one.name)
        }
        return {name: True if name == "token" else value for name, value in changed.items()}

    def _policies(self, page: Page) -> None:
        board = self._bench.board
        for point in page.mount.dialect.points:
            now, usual = board.points[page.mount.key(point.name)].policy, point.policy
            parts = {
                name: getattr(now, name)
                for name in ("shape", "reduce", "failure")
                if getattr(now, name) != getattr(usual, name)
            }
            if "reduce" in parts and REDUCES.get(now.reduce.name) is now.reduce:
                parts["reduce"] = now.reduce.name
            if parts:
                steps = (Step("chain", (point.name,)), Step("set_policy", (), parts))
                self.call(page, Call(f"the policy of {point.name}", steps))

    def _errors(self) -> None:
        function = self._bench.error_function
        if function is not None:
            self.call(self._pages[0], Call("on_error", (Step("on_error", (function,)),)))

    def _trials(self) -> None:
        """Say what belongs to trying out and is no part of the file."""
        for fault in self._bench.faults.list:
            self.lines.append(f"# not written, as it is a trial: {fault.python}".replace("\n", " "))
        for stop in self._bench.breakpoints.list:
            self.lines.append(f"# not written, as it is a trial: {stop.python}".replace("\n", " "))


def _mount_of(view: MountView) -> Mount:
    mount: Mount = object.__getattribute__(view, "_mount")
    return mount
