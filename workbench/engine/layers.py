"""Layers of an onion that hold hooks before and after something, written out from one template.

A loop that asks of each hook what it is would cost as much as the hooks. The source is put together once for
each form (kinds of hooks, what is between them, traced or not) and kept; what belongs to one chain comes in
as arguments of ``make``.

The form of a traced one, with one hook before the innermost function::

    def make(told, steps, inner, clock, put_inside):
        kind, put_kind, returned, answered, kept = ...
        p0, hook0 = steps[0][:2]
        async def layer(onioning, context, in_task):
            run, value = onioning.run, None
            places, stamps = run.places, run.stamps
            before = kind(context)
            put_kind(context, 'before')
            places.append(p0); stamps.append(clock()); slot = run.slot
            if slot.run is run: slot.position = p0; put_inside((run, p0))
            try:
                result = hook0(context)
                if result is not None:
                    if type(result) is CoroutineType or must_await(result):
                        result = await (result if in_task else Handed(result))
                    if result is not None: value = returned(context, result, value)
            except BaseException as error:
                if not onioning.forgives(p0, error): raise
            else:
                put_kind(context, before)
                if run.shot is not None: run.look(p0)
            places.append(-1); ...
            known, value = answered(context)
            if not known:
                ...
            return value
        return layer
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Sequence
from functools import lru_cache
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from workbench.engine.awaiting import must_await
from workbench.engine.templates import ROAD

if TYPE_CHECKING:
    from workbench.engine.onion import Onioning, OnionRules
    from workbench.engine.tracing import Probe

__all__ = ["CORE", "NOBODY", "Further", "Handed", "Layer", "Step", "written", "written_around"]

CORE: Final = -1
"""Whose turn it is where it is the innermost function's."""

NOBODY: Final = -2
"""Whose turn it is where it is neither a hook's nor the innermost function's: what lies between them."""

LONGEST: Final = 8
"""Hooks before, or after, in one layer; what takes more is made of several, so that compiling stays short."""

Layer = Callable[["Onioning", Any, bool], Coroutine[Any, Any, Any]]
"""Runs what is inside it; the last argument tells whether it is awaited in a task from its first step on."""

NOTHING, LAYER, INNERMOST = "nothing", "a layer", "the innermost function"
"""What can be between hooks before and after."""

Further = Callable[["Onioning", Layer, Any], Any]
"""Makes the ``next`` of a hook around a layer for one dispatch: ``called``, and the ``value`` it came to."""

_Kinds = tuple[tuple[str, bool], ...]


class Step(NamedTuple):
    """A before, after or error hook.

    Attributes
    ----------
    position
        In the chain.
    call
        Called with the context.
    kind
        What the context says of it while it runs.
    heard
        Whether it may leave a mark on the context; a shadow may not.
    """

    position: int
    call: Callable[[Any], Any]
    kind: str
    heard: bool


class Handed:
    """Something that the driver of a layer is to await in its place."""

    __slots__ = ("_awaitable",)

    def __init__(self, awaitable: Any) -> None:
        self._awaitable = awaitable

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self._awaitable)


def written(
    told: OnionRules,
    before: Sequence[Step],
    inner: Layer | None,
    after: Sequence[Step],
    *,
    core: bool = False,
    probe: Probe | None,
) -> Layer:
    """Write out a layer of hooks before and after what is inside of it.

    Parameters
    ----------
    told
        The rules of the onion.
    before, after
        In the order in which they run.
    inner
        What is between them; None for nothing, or the innermost function.
    core
        Whether that is the innermost function.
    probe
        Of the recorder that the run belongs to; None: nothing is recorded.
    """
    ahead, behind = list(before), list(after)
    while True:
        first, last = ahead[-LONGEST:], behind[:LONGEST]
        del ahead[-LONGEST:], behind[:LONGEST]
        between = INNERMOST if core else NOTHING if inner is None else LAYER
        make = _made(_kinds(first), between, _kinds(last), traced=probe is not None)
        inner, core = make(told, [*first, *last], inner, *_reporting(probe)), False
        if not ahead and not behind:
            return inner


def written_around(
    told: OnionRules,
    position: int,
    call: Callable[..., Any],
    further: Further,
    inner: Layer,
    probe: Probe | None,
) -> Layer:
    """Write out a layer of one hook around what is inside of it.

    Parameters
    ----------
    told, inner, probe
        As of `written`.
    position, call
        The hook's, which is called with the context and its ``next``.
    further
        Makes that.
    """
    make = _made_around(traced=probe is not None)
    layer: Layer = make(told, position, call, further, inner, *_reporting(probe))
    return layer


def _reporting(probe: Probe | None) -> tuple[Any, Any]:
    """Give what traced layers take their turns with."""
    return (None, None) if probe is None else (probe.clock, probe.put_inside)


def _kinds(steps: Sequence[Step]) -> _Kinds:
    return tuple([(step.kind, step.heard) for step in steps])


@lru_cache(maxsize=512)
def _made(before: _Kinds, between: str, after: _Kinds, *, traced: bool) -> Callable[..., Layer]:
    """Make the ``make`` of one form."""
    hooks = [_hook(number, *kind, traced=traced) for number, kind in enumerate([*before, *after])]
    parts = [*hooks[: len(before)], _between(between, traced=traced), *hooks[len(before) :]]
    source = "\n".join(
        [
            "def make(told, steps, inner, clock, put_inside):",
            "    kind, put_kind, returned = told.kind, told.put_kind, told.returned",
            "    answered, kept = told.answered, told.kept",
            *(f"    p{number}, hook{number} = steps[{number}][:2]" for number in range(len(hooks))),
            "    async def layer(onioning, context, in_task):",
            "        run, value = onioning.run, None",
            *(["        places, stamps = run.places, run.stamps"] if traced else []),
            *(f"        {line}" for part in parts for line in part),
            "        return value",
            "    return layer",
        ]
    )
    return _compiled(source, f"{len(hooks)}")


@lru_cache(maxsize=2)
def _made_around(*, traced: bool) -> Callable[..., Layer]:
    """Make the ``make`` of a layer around others."""
    lines = [
        "run = onioning.run",
        *(["places, stamps = run.places, run.stamps"] if traced else []),
        "following = further(onioning, inner, context)",
        *(_turn("position") if traced else []),
        "try:",
        "    result = hook(context, following)",
        "    if result is not None:",
        *(f"        {line}" for line in _awaited("result")),
        "except BaseException as error:",
        "    onioning.forgives(position, error)",
        "    raise",
        *(_rest() if traced else []),
        *(["if not following.called: run.stopped(position)"] if traced else []),
        *(["if run.shot is not None: run.look(position)"] if traced else []),
        "return around(context, result, following.value)",
    ]
    source = "\n".join(
        [
            "def make(told, position, hook, further, inner, clock, put_inside):",
            "    around = told.around",
            "    async def layer(onioning, context, in_task):",
            *(f"        {line}" for line in lines),
            "    return layer",
        ]
    )
    return _compiled(source, "one around the rest")


def _compiled(source: str, what: str) -> Callable[..., Layer]:
    space: dict[str, Any] = {"CoroutineType": CoroutineType, "must_await": must_await, "Handed": Handed}
    exec(compile(source, f"{ROAD}{what} in an onion>", "exec"), space)  # noqa: S102 - our own text, kinds are all that varies
    made: Callable[..., Layer] = space["make"]
    return made


def _hook(number: int, kind: str, heard: bool, *, traced: bool) -> list[str]:
    """Write what calls one hook."""
    return [
        *(["before = kind(context)", f"put_kind(context, {kind!r})"] if heard else []),
        *(_turn(f"p{number}") if traced else []),
        "try:",
        f"    result = hook{number}(context)",
        "    if result is not None:",
        *(f"        {line}" for line in _awaited("result")),
        *(["        if result is not None: value = returned(context, result, value)"] if heard else []),
        "except BaseException as error:",
        f"    if not onioning.forgives(p{number}, error): raise",
        "else:",
        "    put_kind(context, before)" if heard else "    pass",
        *([f"    if run.shot is not None: run.look(p{number})"] if traced else []),
    ]


def _turn(position: str) -> list[str]:
    """Write `Turning.turn` out: it is asked for more often than anything else of a trace."""
    return [
        f"places.append({position}); stamps.append(clock()); slot = run.slot",
        f"if slot.run is run: slot.position = {position}; put_inside((run, {position}))",
    ]


def _rest() -> list[str]:
    """Write out the turn of nobody, in which nobody begins a task."""
    return [
        f"places.append({NOBODY}); stamps.append(clock()); slot = run.slot",
        f"if slot.run is run: slot.position = {NOBODY}",
    ]


def _between(what: str, *, traced: bool) -> list[str]:
    """Write what runs between the hooks before and after."""
    if what == NOTHING:
        return []
    if what == LAYER:
        return ["value = await inner(onioning, context, in_task)"]
    report = [f"    run.raised({CORE}, error)"] if traced else []
    return [
        *(_turn(str(CORE)) if traced else []),
        "known, value = answered(context)",
        "if not known:",
        "    try:",
        "        value = onioning.core(context)",
        "        if value is not None:",
        *(f"            {line}" for line in _awaited("value")),
        "    except BaseException as error:",
        *(f"    {line}" for line in report),
        "        raise",
        "    value = kept(context, value)",
        *([f"    if run.shot is not None: run.look({CORE})"] if traced else []),
    ]


def _awaited(name: str) -> list[str]:
    """Write what awaits a value that is to be awaited."""
    return [
        f"if type({name}) is CoroutineType or must_await({name}):",
        f"    {name} = await ({name} if in_task else Handed({name}))",
    ]
