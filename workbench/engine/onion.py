"""The runner of onions: each hook around the rest.

Before, after and error hooks are adapted to layers when the plan is built, never one per hook: an error layer
for each run of neighbours of one lane (Feathers R24, R31, R33), one layer for all hooks before and after that
no other lies between. Layers are coroutines, linked from the inside out. One that runs in a task awaits what
hooks return itself; else it hands that to a driver, which runs the layers through, without a task, until
something really must be awaited.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from functools import partial
from itertools import groupby
from typing import Any, Final

from workbench.engine.awaiting import Begun
from workbench.engine.chain import Chain
from workbench.engine.errors import NextCalledTwice
from workbench.engine.layers import CORE, NOBODY, Layer, Step, written, written_around
from workbench.engine.points import Destroyed
from workbench.engine.tracing import Probe, Turning

__all__ = ["CORE", "NOBODY", "WAITING", "Layer", "OnionRules", "Onioning", "link"]

WAITING: Final = -3
"""Whose turn it is where the dispatch waits."""

Flow = Coroutine[Any, Any, Any]


class OnionRules:
    """What a dialect may decide about its onion; these are the plain rules. Dialects override.

    Attributes
    ----------
    in_task
        True: whoever fires does so in a task, and awaits there what it gets.
    """

    in_task = False

    def kind(self, context: Any) -> Any:
        """Read from the context what kind of hook runs (Feathers R36)."""

    def put_kind(self, context: Any, kind: Any) -> None:
        """Note that in the context: of a before, after or error hook, then what was before it returned."""

    def returned(self, context: Any, result: Any, value: Any) -> Any:  # noqa: ARG002 - for those who override
        """Give the value of the layer after a before, after or error hook returned something (Feathers R20).

        Parameters
        ----------
        context
            The event's context.
        result
            What the hook returned; not called for None.
        value
            What the layer came to so far; None in a before layer.
        """
        return result

    def around(self, context: Any, result: Any, value: Any) -> Any:  # noqa: ARG002 - for those who override
        """Give the value of an around hook that returned `result`, around `value` (Feathers R19)."""
        return value if result is None else result

    def answered(self, context: Any) -> tuple[bool, Any]:  # noqa: ARG002 - for those who override
        """Say whether the innermost function is left out, and the value then (Feathers R13)."""
        return False, None

    def kept(self, context: Any, value: Any) -> Any:  # noqa: ARG002 - for those who override
        """Give the value of the innermost layer, where the function came to `value`."""
        return value

    def caught(self, context: Any, error: Exception) -> None:
        """An error layer got an error and is about to run its hooks (Feathers R33)."""
        if isinstance(context, dict):
            context["error"] = error
        elif hasattr(context, "__dict__"):
            context.error = error

    def failed(self, context: Any, error: Exception) -> None:
        """An error hook raised an error of its own, which goes outward (Feathers R30)."""

    def recovered(self, context: Any, value: Any) -> tuple[bool, Any]:  # noqa: ARG002 - for those who override
        """Say after an error layer whether its error is swallowed, and the value then (Feathers R31, R32)."""
        return value is not None, value

    def error(self, context: Any, error: Exception) -> Exception:  # noqa: ARG002 - for those who override
        """Give the error that goes outward from an error layer (Feathers R29: hooks may assign another)."""
        return error


PLAIN = OnionRules()


class Onioning:
    """One dispatch of an onion.

    Parameters
    ----------
    chain
        What runs.
    layer
        The outermost layer, linked when the plan was built.
    run
        Where it is recorded.
    connection
        Number of the connection, -1 for none.
    context, core
        The event's context and the innermost function.
    """

    __slots__ = ("chain", "connection", "context", "core", "failed", "layer", "run")

    def __init__(
        self, chain: Chain, layer: Layer, run: Turning, connection: int, context: Any, core: Any
    ) -> None:
        self.chain = chain
        self.layer = layer
        self.run = run
        self.connection = connection
        self.context = context
        self.core = core
        self.failed = 0  # position of the hook that raised last

    def go(self) -> Any:
        """Run; the value, or a coroutine that brings it when something was pending."""
        run, in_task = self.run, (self.chain.point.onion or PLAIN).in_task
        flow = self.layer(self, self.context, in_task)
        token = run.enter(NOBODY)
        try:
            pending = flow.send(None)
        except StopIteration as done:
            run.finish()
            return done.value
        except BaseException as error:  # noqa: BLE001 - raised there, where it is not an answer
            return self._failed(error)
        finally:
            position = run.leave(token)
        rest = Begun(flow, pending) if in_task else _driving(flow, pending)
        whole = self._whole(rest)
        return run.part(whole, position) if in_task else _parted(run, whole, position)

    async def _whole(self, rest: Any) -> Any:
        """Bring what was begun to its end."""
        try:
            value = await rest
        except BaseException as error:  # noqa: BLE001 - raised there, where it is not an answer
            return self._failed(error)
        self.run.finish()
        return value

    def _failed(self, error: BaseException) -> Any:
        """Give what the dispatch comes to for an error, or raise it."""
        self.run.finish(error)
        if isinstance(error, Exception) and self.chain.hooks:
            hook = self.chain.hooks[self.failed]
            if self.chain.contains(error):
                self.chain.report(error, hook, self.connection)
                return None
            if self.chain.point.policy.failure == "destroy":
                return Destroyed(error, hook)
        raise error

    def forgives(self, position: int, error: BaseException) -> bool:
        """Note what a hook raised; tell whether that has no effect, as with shadows."""
        self.run.raised(position, error)
        if not isinstance(error, Exception):
            return False
        self.failed = position
        return self.chain.swallows(position, error)


def _drive(run: Turning, flow: Flow, position: int) -> Any:
    """Run a flow that is in no task; its value, or a coroutine that brings it when something is pending.

    Then it is the turn of the hook at that position, which called next.
    """
    try:
        pending = flow.send(None)
    except StopIteration as done:
        return done.value
    left = run.whose()
    run.turn(WAITING)
    run.turn(position)
    return _parted(run, _driving(flow, pending), left)


async def _parted(run: Turning, part: Flow, position: int) -> Any:
    return await run.part(part, position)


async def _driving(flow: Flow, pending: Any) -> Any:
    """Await what the flow hands out until it is done."""
    try:
        while True:
            try:
                value = await pending
            except GeneratorExit:  # this coroutine is closed: so is the flow
                flow.close()
                raise
            except BaseException as error:  # noqa: BLE001 - the flow decides
                pending = flow.throw(error)
            else:
                pending = flow.send(value)
    except StopIteration as done:
        return done.value


def link(chain: Chain, probe: Probe | None) -> tuple[Layer, list[int]]:
    """Link the layers of a chain from the inside out.

    Parameters
    ----------
    chain
        Hooks in effective order, outermost first. Neighbours of one lane and kind belong together.
    probe
        Where its dispatches are recorded; None: nowhere.

    Returns
    -------
    callable
        The outermost layer.
    list of int
        Whose turn it is, one after the other, where no hook raises and each goes inwards.
    """
    rules: OnionRules = chain.point.onion or PLAIN
    layer: Layer | None = None  # None: the innermost function
    turns = [CORE]
    before: list[Step] = []
    after: list[Step] = []

    def among() -> Layer:
        """Put what there is so far between the hooks before and after it."""
        if layer is not None and not before and not after:
            return layer
        return written(rules, before, layer, after, core=layer is None, probe=probe)

    entries = [_Entry(chain, position) for position in range(len(chain.hooks))]
    groups = [(key[1], list(group)) for key, group in groupby(entries, key=lambda entry: entry.group)]
    for kind, group in reversed(groups):
        positions = [entry.position for entry in group]
        steps = [Step(entry.position, entry.call, kind, heard=not entry.shadow) for entry in group]
        if kind == "before":
            before, turns = steps + before, positions + turns
        elif kind == "after":
            after, turns = after + steps, turns + positions
        else:
            layer, before, after = among(), [], []
            if kind == "error":
                layer = _error(rules, written(rules, [], None, steps, probe=probe), layer)
                continue
            for entry in reversed(group):
                layer = written_around(rules, entry.position, entry.call, partial(_Next, entry), layer, probe)
                turns = [entry.position, *turns, entry.position, NOBODY]
    return among(), turns


class _Entry:
    """One hook as the layers call it."""

    def __init__(self, chain: Chain, position: int) -> None:
        hook = chain.hooks[position]
        wraps = hook.kind in ("before", "after", "error")
        self.position = position
        self.shadow = hook.scope.shadow
        self.asynchronous = hook.asynchronous
        self.title = chain.point.title
        # a shadow's way inwards leads nowhere, so that it is one more hook before what it seems to be around
        self.group = (hook.lane, hook.kind if wraps or not self.shadow else "before")
        self.call = chain.calls[position]
        if self.shadow:
            self.call = _stand_in(chain, position, () if wraps else (_Nowhere,))


class _Nowhere:
    """The ``next`` of a shadow, and what it comes to: nothing, at once, awaited or not."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield


def _stand_in(chain: Chain, position: int, more: tuple[Any, ...]) -> Callable[..., Any]:
    call = chain.calls[position]
    return lambda context: call(*chain.arguments(position, (context, *more)))


def _error(rules: OnionRules, hooks: Layer, inner: Layer) -> Layer:
    async def layer(onioning: Onioning, context: Any, in_task: bool) -> Any:
        try:
            return await inner(onioning, context, in_task)
        except Exception as error:
            rules.caught(context, error)
            onioning.run.look(CORE)
            try:
                value = await hooks(onioning, context, in_task)
            except Exception as second:
                rules.failed(context, second)
                raise
            swallowed, value = rules.recovered(context, value)
            if swallowed:
                return value
            outward = rules.error(context, error)
            if outward is error:
                raise
            raise outward from error

    return layer


class _Next:
    """The ``next`` of one around hook in one dispatch."""

    __slots__ = ("_context", "_entry", "_inner", "_onioning", "called", "value")

    def __init__(self, entry: _Entry, onioning: Onioning, inner: Layer, context: Any) -> None:
        self._onioning = onioning
        self._inner = inner
        self._context = context
        self._entry = entry
        self.called = False
        self.value: Any = None  # what the inner layers came to

    def __call__(self, *_: Any) -> Any:
        """Go inwards, once; an ``async def`` hook gets something to await in any case."""
        if self.called:
            error = NextCalledTwice("next() called multiple times")  # clients see this text (Feathers R18)
            error.add_note(f"It was a hook at {self._entry.title}; call next once, keep its value.")
            raise error
        self.called = True
        if self._entry.asynchronous:
            return self._go(in_task=True)  # that of the hook, or another one (``wait_for(next(), 5)``)
        # where a plain function has this awaited is not known
        return _drive(self._onioning.run, self._go(in_task=False), self._entry.position)

    async def _go(self, *, in_task: bool) -> Any:
        run, position = self._onioning.run, self._entry.position
        if run.shot is not None:
            run.look(position)  # or what it changed so far would be put down to the next hook inwards
        try:
            self.value = await run.part(self._inner(self._onioning, self._context, in_task), position)
        finally:
            run.turn(position)
        return self.value
