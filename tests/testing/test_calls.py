"""Hooks that write down how they were called."""

from __future__ import annotations

import inspect
import threading

import pytest

from workbench.testing import Call, CapturedCalls


def test_calls_are_kept_in_order_with_their_arguments() -> None:
    """Several hooks share one list."""
    calls = CapturedCalls()
    first, second = calls.hook("first"), calls.hook("second", returns=7)

    first("a", "b")
    result = second("c", "d")

    assert result == 7
    assert calls.calls == [Call("first", ("a", "b")), Call("second", ("c", "d"))]
    assert calls.names == ["first", "second"]
    calls.clear()
    assert calls.calls == []


@pytest.mark.parametrize("arity", [0, 1, 2, 3])
def test_a_hook_has_the_signature_and_name_asked_for(arity: int) -> None:
    """Points read signatures, so the captured hook's must say its arity."""
    hook = CapturedCalls(arity).hook("spy")

    assert len(inspect.signature(hook).parameters) == arity
    assert hook.__name__ == "spy"
    assert hook(*range(arity)) is None


def test_an_arity_that_no_point_has_is_refused() -> None:
    """The message says which ones there are."""
    with pytest.raises(ValueError, match="0 to 3 arguments"):
        CapturedCalls(4)


def test_a_hook_can_raise_after_it_was_noted() -> None:
    """The call counts although it failed."""
    calls = CapturedCalls(1)

    with pytest.raises(KeyError, match="no"):
        calls.hook("spy", raises=KeyError("no"))("x")
    assert calls.names == ["spy"]


def test_another_thread_can_be_waited_for() -> None:
    """Waiting ends with the call, and in time says what came instead."""
    calls = CapturedCalls(1)
    thread = threading.Thread(target=calls.hook("spy"), args=("x",))
    thread.start()

    assert calls.wait_for(1) == [Call("spy", ("x",))]
    thread.join()
    with pytest.raises(TimeoutError, match=r"2 calls were expected within 0.01 s, 1 came: \['spy'\]"):
        calls.wait_for(2, timeout=0.01)
