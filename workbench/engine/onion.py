"""The general runner of onions: each hook around the rest.

Before, after and error hooks are adapted to wrappers when the plan is built: one wrapper for each run of
neighbours of one lane and kind, never one per hook (Feathers R24, R31, R33). Layers are generators that
yield what must be awaited; a driver runs them through without a coroutine until something really is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import groupby
from types import CoroutineType
from typing import Any

from workbench.engine.awaiting import Begun, must_await
from workbench.engine.chain import Chain
from workbench.engine.errors import NextCalledTwice
from workbench.engine.points import Destroyed
from workbench.engine.tracing import Run

__all__ = ["Layer", "OnionRules", "Onioning", "link"]

Flow = Generator[Any, Any, Any]
"""Yields awaitables, is sent their results, returns the value of the layer."""
Layer = Callable[["Onioning", Any], Flow]


class OnionRules:
    """What a dialect may decide about its onion; these are the plain rules. Dialects override.

    Attributes
    ----------
    by_hand
        True: whoever fires does so in a task, and awaits there what it gets. Coroutines are then begun where
        they are made, and one that never waits for anything costs no detour.
    """

    by_hand = False

    def entered(self, context: Any, kind: str) -> Any:
        """Say what `left` is given of a hook that is about to run (Feathers R36, context.type)."""

    def left(self, context: Any, kind: str, token: Any) -> None:
        """The hook returned; not called when it raised."""

    def returned(self, context: Any, result: Any, value: Any) -> Any:  # noqa: ARG002 - for those who override
        """Give the value of the layer after a before, after or error hook returned result (Feathers R20).

        Parameters
        ----------
        context
            The event's context.
        result
            What the hook returned, None for nothing.
        value
            What the layer came to so far; None in a before layer.
        """
        return value if result is None else result

    def around(self, context: Any, result: Any, value: Any) -> Any:  # noqa: ARG002 - for those who override
        """Give the value of an around hook that returned `result`, around `value` (Feathers R19)."""
        return value if result is None else result

    def core(self, context: Any, core: Callable[[Any], Any]) -> Any:
        """Call the innermost function (Feathers R13: skipped where a result exists)."""
        return core(context)

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

    __slots__ = ("args", "by_hand", "chain", "connection", "core", "failed", "layer", "rules", "run")

    def __init__(
        self, chain: Chain, layer: Layer, run: Run, connection: int, context: Any, core: Any
    ) -> None:
        self.chain = chain
        self.layer = layer
        self.run = run
        self.connection = connection
        self.args = (context, core)
        self.core = core
        self.rules: OnionRules = chain.point.onion or PLAIN
        self.by_hand = self.rules.by_hand
        self.failed = 0  # position of the hook that raised last

    def go(self) -> Any:
        """Run; the value, or a coroutine that brings it when something was pending."""
        return drive(self._whole())

    def _whole(self) -> Flow:
        try:
            value = yield from self.layer(self, self.args[0])
        except BaseException as error:
            self.run.finish(error)
            hook = self.chain.hooks[self.failed]
            if isinstance(error, Exception) and self.chain.contains(error):
                self.chain.report(error, hook, self.connection)
                return None
            if isinstance(error, Exception) and self.chain.point.policy.failure == "destroy":
                return Destroyed(error, hook)
            raise
        self.run.finish()
        return value

    def call(self, position: int, context: Any, *more: Any) -> Flow:
        """Call one hook and wait for it; its result, None for a shadow."""
        hook = self.chain.hooks[position]
        shadow = hook.scope.shadow  # which leaves no mark on the context either
        token = None if shadow else self.rules.entered(context, hook.kind)
        try:
            result = yield from self._call(position, context, *more)
        except Exception as error:
            self.failed = position
            if self.chain.swallows(position, error):
                return None
            raise
        finally:
            self.look(position)
        if shadow:
            return None
        self.rules.left(context, hook.kind, token)
        return result

    def look(self, position: int) -> None:
        """Let a snapshot be taken, where this dispatch gets any: what changed is that hook's doing."""
        if self.run.shot is not None:
            self.run.shot.step(position, self.args)

    def _call(self, position: int, *arguments: Any) -> Flow:
        self.run.begin(position)
        try:
            result = self.chain.calls[position](*self.chain.arguments(position, arguments))
        except BaseException as error:
            self.run.raised(position, error)
            raise
        return (yield from self.awaited(position, result))

    def awaited(self, position: int, result: Any) -> Flow:
        """Wait for what a hook, or the core, returned; what it comes to."""
        run = self.run
        if result is None or not must_await(result):
            run.ended(position)
            return result
        if self.by_hand and type(result) is CoroutineType:
            try:
                waits_for = run.first(position, result)
            except StopIteration as done:
                run.ended(position)
                return done.value
            except BaseException as error:
                run.raised(position, error)
                raise
            result = Begun(result, waits_for)
        run.suspended(position)
        return (yield run.step(position, result))


def drive(flow: Flow) -> Any:
    """Run a flow; its value, or a coroutine that brings it as soon as something must be awaited.

    Parameters
    ----------
    flow
        A generator not yet started.
    """
    try:
        pending = flow.send(None)
    except StopIteration as done:
        return done.value
    return _driven(flow, pending)


async def _driven(flow: Flow, pending: Any) -> Any:
    """Await what the flow yields until it is done."""
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


def link(chain: Chain) -> Layer:
    """Link the layers of a chain from the inside out.

    Parameters
    ----------
    chain
        Hooks in effective order, outermost first. Neighbours of one lane and kind make one layer.
    """
    layer: Layer = _core
    groups = [
        (key, [position for position, _ in group])
        for key, group in groupby(enumerate(chain.hooks), key=lambda pair: (pair[1].lane, pair[1].kind))
    ]
    for (_, kind), positions in reversed(groups):
        if kind in _WRAPPERS:
            layer = _WRAPPERS[kind](positions, layer)
        else:
            for position in reversed(positions):
                layer = _around(position, layer)
    return layer


def _core(flow: Onioning, context: Any) -> Flow:
    """Be the innermost layer; its time is nobody's own work, and what it changes no hook's change."""
    flow.run.begin(-1)
    try:
        result = flow.rules.core(context, flow.core)
    except BaseException as error:
        flow.run.raised(-1, error)
        raise
    result = yield from flow.awaited(-1, result)
    flow.look(-1)
    return result


def _around(position: int, inner: Layer) -> Layer:
    def layer(flow: Onioning, context: Any) -> Flow:
        if flow.chain.hooks[position].scope.shadow:
            yield from flow.call(position, context, lambda: None)
            return (yield from inner(flow, context))
        following = _Next(flow, inner, context, position)
        result = yield from flow.call(position, context, following)
        if not following.called:
            flow.run.stopped(position)
        return flow.rules.around(context, result, following.value)

    return layer


def _before(positions: list[int], inner: Layer) -> Layer:
    def layer(flow: Onioning, context: Any) -> Flow:
        for position in positions:
            result = yield from flow.call(position, context)
            flow.rules.returned(context, result, None)
        return (yield from inner(flow, context))

    return layer


def _after(positions: list[int], inner: Layer) -> Layer:
    def layer(flow: Onioning, context: Any) -> Flow:
        value = yield from inner(flow, context)
        for position in positions:
            result = yield from flow.call(position, context)
            value = flow.rules.returned(context, result, value)
        return value

    return layer


def _error(positions: list[int], inner: Layer) -> Layer:
    def layer(flow: Onioning, context: Any) -> Flow:
        try:
            return (yield from inner(flow, context))
        except Exception as error:
            flow.rules.caught(context, error)
            flow.look(-1)
            value = None
            try:
                for position in positions:
                    result = yield from flow.call(position, context)
                    value = flow.rules.returned(context, result, value)
            except Exception as second:
                flow.rules.failed(context, second)
                raise
            swallowed, value = flow.rules.recovered(context, value)
            if swallowed:
                return value
            outward = flow.rules.error(context, error)
            if outward is error:
                raise
            raise outward from error

    return layer


_WRAPPERS: dict[str, Callable[[list[int], Layer], Layer]] = {
    "before": _before,
    "after": _after,
    "error": _error,
}


class _Next:
    """The ``next`` of one around hook in one dispatch."""

    __slots__ = ("_context", "_flow", "_inner", "_position", "called", "value")

    def __init__(self, flow: Onioning, inner: Layer, context: Any, position: int) -> None:
        self._flow = flow
        self._inner = inner
        self._context = context
        self._position = position
        self.called = False
        self.value: Any = None  # what the inner layers came to

    def __call__(self, *_: Any) -> Any:
        """Go inwards, once; an ``async def`` hook gets something to await in any case."""
        if self.called:
            error = NextCalledTwice("next() called multiple times")  # clients see this text (Feathers R18)
            error.add_note(
                f"It was a hook at {self._flow.chain.point.title}; call next once, keep its value."
            )
            raise error
        self.called = True
        if self._flow.chain.hooks[self._position].asynchronous:
            return self._go()
        self._flow.by_hand = False  # where a plain function has this awaited is not known
        return drive(self._kept())

    async def _go(self) -> Any:
        """Go inwards in the task that awaits it, which may be another one (``wait_for(next(), 5)``)."""
        outcome = drive(self._kept())
        return await outcome if must_await(outcome) else outcome

    def _kept(self) -> Flow:
        self._flow.look(
            self._position
        )  # or what it changed so far would be put down to the next hook inwards
        self.value = yield from self._inner(self._flow, self._context)
        return self.value
