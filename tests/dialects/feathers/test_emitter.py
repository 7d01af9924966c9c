"""What workbench.dialects.feathers.emitter promises."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.feathers.emitter import Emitter, fitted
from workbench.engine.errors import WorkbenchError


def test_listeners_are_called_in_their_order_with_what_they_take() -> None:
    """Fewer arguments than the event has are no fault, as in JavaScript."""
    seen: list[Any] = []
    emitter = Emitter()
    emitter.on("created", seen.append).on("created", lambda: seen.append("none"))
    emitter.on("created", lambda *all_: seen.append(all_))

    list(emitter.call_listeners("created", 1, 2))

    assert seen == [1, "none", (1, 2)]
    assert list(emitter.call_listeners("other")) == []


def test_once_and_off_end_a_listener() -> None:
    """The same listener may stand there twice; off takes both away."""
    seen: list[int] = []
    emitter = Emitter()

    def first(data: int) -> None:
        seen.append(data)

    def always(data: int) -> None:
        seen.append(-data)

    assert emitter.once("created")(first) is first  # as decorators do
    assert emitter.on("created")(always) is always
    list(emitter.call_listeners("created", 1))
    list(emitter.call_listeners("created", 2))
    emitter.off("created", always).off("nothing", always)
    list(emitter.call_listeners("created", 3))

    assert seen == [1, -1, -2]
    assert emitter.listeners("created") == []


def test_a_listener_that_raises_ends_the_round() -> None:
    """R55: whoever emits gets the error."""
    emitter = Emitter()
    emitter.on("created", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        list(emitter.call_listeners("created"))


def test_a_listener_is_a_function() -> None:
    """What is none is refused with the event's name."""
    with pytest.raises(WorkbenchError, match="A listener of 'created' is a function, not 5"):
        Emitter().on("created", 5)  # type: ignore[arg-type]


def test_builtins_that_do_not_tell_get_everything() -> None:
    """Python can't say what they take."""
    assert fitted(dict.fromkeys)([1], 2) == {1: 2}
    assert fitted(max)(1, 2) == 2
