"""The hooks of a bench as lines of a file: attached in their order; switched, scoped, moved where needed."""

from __future__ import annotations

__all__ = ["Attached"]

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from workbench.bench.named import chains_of
from workbench.bench.spelling import listed, quoted
from workbench.bench.troubles import Asker, Trouble
from workbench.bench.values import Values
from workbench.dialects.writing import Call
from workbench.engine.hooks import EVERYWHERE, Hook

if TYPE_CHECKING:
    from workbench.bench.part import Page
    from workbench.bench.workbench import Workbench


class File(Protocol):
    """What the lines are written into."""

    values: Values
    lines: list[str]

    def asker(self, subject: str, function: object = None) -> Asker:
        """Give for whom something is written."""

    def attempt(self, make: Any) -> str | None:
        """Write a line whole, or a remark."""

    def call(self, page: Page, call: Call) -> str | None:
        """Write a call of a public member."""


class Attached:
    """Writes the hooks of all mounts.

    Parameters
    ----------
    file
        Where the lines go.
    pages
        The mounts.
    bench
        Whose hooks.
    """

    def __init__(self, file: File, pages: Sequence[Page], bench: Workbench) -> None:
        self._file = file
        self._pages = pages
        self._board = bench.board
        self._there: list[Hook] = []  # what the file has attached so far, as it stands in it

    def write(self) -> None:
        """Write them in the order of the board; a call that attaches several comes with its first one."""
        calls: dict[str, tuple[Page, Call]] = {}
        for page in self._pages:
            for call in page.written.calls():
                calls |= {hook.id: (page, call) for hook in call.hooks}
        done: set[int] = set()
        for hook in self._in_order(calls.keys()):
            found = calls.get(hook.id)
            if found is None:
                self._attach(hook)
            elif id(found[1]) not in done:
                done.add(id(found[1]))
                self._group(*found)
        self._arrange()

    def _in_order(self, grouped: AbstractSet[str]) -> list[Hook]:
        """List the hooks as they came to the board, but those of one list as they stand in it."""
        hooks = [
            hook
            for hook in self._board.state.hooks()
            if not any(page.written.skips(hook) for page in self._pages)
        ]
        lists: dict[object, list[Hook]] = {}
        for hook in hooks:
            lists.setdefault(hook.id if hook.id in grouped else _list_of(hook), []).append(hook)
        came = sorted(hooks, key=lambda hook: int(hook.id[1:]))
        return [lists[hook.id if hook.id in grouped else _list_of(hook)].pop(0) for hook in came]

    # -- calls of the dialect's own --------------------------------------------------------------------

    def _group(self, page: Page, call: Call) -> None:
        """Write a call that attaches hooks, and what happened to them since."""
        if call.apart and not all(self._keeps_name(hook) for hook in call.hooks):
            for hook in call.hooks:
                self._attach(self._now(hook) or hook)
            return
        if call.steps and self._file.call(page, call) is None:
            return
        self._there += call.hooks
        for hook in call.hooks:
            self._changed(hook)

    def _keeps_name(self, hook: Hook) -> bool:
        """Whether the function is called in the file what the hook is called."""
        values, asker = self._file.values, self._file.asker(hook.name, hook.function)
        text = values.attempt(lambda: values.expression(hook.function, asker))
        return text is not None and values.called(text) == hook.name

    def _now(self, hook: Hook) -> Hook | None:
        return next((one for one in self._board.state.hooks() if one.id == hook.id), None)

    def _changed(self, hook: Hook) -> None:
        """Write what is different from a hook as its call attached it."""
        now = self._now(hook)
        if now is None:
            self._edit(hook, "remove")
            self._there = [one for one in self._there if one.id != hook.id]
            return
        if now.function != hook.function:
            asker = self._file.asker(now.name, now.function)
            self._edit(hook, "replace", lambda: self._file.values.expression(now.function, asker))
        if (now.lane, now.kind) != (hook.lane, hook.kind):
            more = "" if now.kind == hook.kind else f", kind={quoted(now.kind)}"
            self._edit(hook, "move", lambda: f"lane={quoted(now.lane)}{more}")
        if now.enabled != hook.enabled:
            self._edit(hook, "enable", lambda: repr(now.enabled))
        if now.scope != hook.scope:
            self._edit(hook, "set_scope", lambda: self._scope(now))
        if now.effects != hook.effects:
            self._edit(hook, "set_effects", lambda: quoted(now.effects))
        self._there = [replace(now, name=hook.name) if one.id == hook.id else one for one in self._there]

    def _edit(self, hook: Hook, method: str, argument: Any = None) -> None:
        """Write an edit of a hook by its name."""

        def line() -> str:
            chain = self._chain_for(hook)
            more = f", {argument()}" if argument is not None else ""
            return f"{chain}.{method}({quoted(hook.name)}{more})"

        self._file.attempt(line)

    def _chain_for(self, hook: Hook) -> str:
        """Give the chain in which the name of a hook is its alone."""
        page, title = self._place(hook)
        alike = [one for one in self._there if (one.point, one.name) == (hook.point, hook.name)]
        if len(alike) < 2:  # noqa: PLR2004 - the hook itself
            return f"{page.variable}.chain({quoted(title)})"
        for named in chains_of(page.mount).values():
            lanes = {lane.name for lane in named.lanes}
            if named.point == hook.point and [one for one in alike if one.lane in lanes] == [
                one for one in alike if one.id == hook.id
            ]:
                return f"{page.variable}.chain({quoted(named.name)})"
        self._trouble(hook, f"{len(alike)} hooks of {title} have its name, so no line can say which is meant")
        return ""

    # -- one by one ------------------------------------------------------------------------------------

    def _attach(self, hook: Hook) -> None:
        """Write the line that attaches a hook."""
        page, title = self._place(hook)
        chain = f"{page.variable}.chain({quoted(title)})"
        state = self._board.state
        alone = sum((one.point, one.name) == (hook.point, hook.name) for one in state.hooks()) == 1

        def line() -> str:
            attach = listed(f"{chain}.attach(", self._arguments(hook), ")")
            if hook.enabled:
                return attach
            switch = f"{chain}.enable({quoted(hook.name) if alone else attach}, False)"
            return f"{attach}\n{switch}" if alone else switch

        if self._file.attempt(line) is not None:
            self._there.append(hook)

    def _arguments(self, hook: Hook) -> list[str]:
        function = self._file.values.expression(hook.function, self._file.asker(hook.name, hook.function))
        parts = [function]
        if self._file.values.called(function) != hook.name:
            parts.append(f"name={quoted(hook.name)}")
        usual = {
            "lane": "",
            "kind": "call",
            "priority": self._board.points[hook.point].priority,
            "effects": "context",
        }
        parts += [
            f"{key}={quoted(getattr(hook, key))}" for key, one in usual.items() if getattr(hook, key) != one
        ]
        if hook.scope != EVERYWHERE:
            parts.append(f"scope={self._scope(hook)}")
        place = (hook.point, hook.name, hook.lane, hook.kind)
        if any((one.point, one.name, one.lane, one.kind) == place for one in self._there):
            parts.append("append=True")
        return parts

    def _scope(self, hook: Hook) -> str:
        if hook.scope.connections is not None:
            numbers = ", ".join(map(str, sorted(hook.scope.connections)))
            self._trouble(
                hook, f"it runs only for connection {numbers} of this bench, which is gone in another"
            )
        self._file.values.pieces.imports["Scope"] = "from workbench import Scope"
        return repr(hook.scope)

    # -- order -----------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Write the moves that bring the file's hooks into the order of the board, list by list."""
        there = {hook.id for hook in self._there}
        for place in dict.fromkeys(_list_of(hook) for hook in self._there):
            wanted = [one for one in self._board.state.hooks() if _list_of(one) == place and one.id in there]
            begun = [hook.id for hook in self._there if _list_of(hook) == place]
            for at, hook in enumerate(wanted[:-1]):
                if begun[at] == hook.id:
                    continue
                begun.remove(hook.id)
                after = next(one for one in self._there if one.id == begun[at])
                begun.insert(at, hook.id)
                self._edit(hook, "move", lambda: self._before(after))  # noqa: B023 - called at once

    def _before(self, hook: Hook) -> str:
        self._chain_for(hook)  # which refuses a name that is not its alone
        return f"before={quoted(hook.name)}"

    # -- places ----------------------------------------------------------------------------------------

    def _place(self, hook: Hook) -> tuple[Page, str]:
        """Give the mount of a hook and the title of its point."""
        point = self._board.points[hook.point]
        for page in self._pages:
            if page.mount.key(point.title) == hook.point:
                return page, point.title
        return self._pages[0], hook.point

    def _trouble(self, hook: Hook, what: str) -> None:
        asker = self._file.asker(hook.name, hook.function)
        self._file.values.complain(Trouble(hook.name, what, asker.where))


def _list_of(hook: Hook) -> tuple[str, str, float]:
    """Say in which list a hook stands: only there its neighbours matter."""
    return hook.point, hook.lane, hook.priority
