"""Fitting functions to their points."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.engine.errors import BadSignature
from workbench.engine.points import Point, Policy
from workbench.engine.signatures import adapt, fit


class _Answer:
    status = 401


def test_fewer_arguments_and_picked_members() -> None:
    """A function gets as many positionals as it wants, and members of the first argument by keyword."""

    def picks(first: Any, *, name: str, absent: Any, usual: int = 3) -> Any:
        return first["name"], name, absent, usual

    offered = ("a", "b", "c")
    assert adapt(lambda: "none", "f", "p", offered)(1, 2, 3) == "none"
    assert adapt(lambda a: a, "f", "p", offered)(1, 2, 3) == 1
    assert adapt(lambda a, b: (a, b), "f", "p", offered)(1, 2, 3) == (1, 2)
    assert adapt(lambda *all_: all_, "f", "p", offered)(1, 2, 3) == (1, 2, 3)
    assert adapt(picks, "f", "p", offered)({"name": "x"}, 2, 3) == ("x", "x", None, 3)
    assert adapt(lambda *, status: status, "f", "p", offered)(_Answer(), 2, 3) == 401
    assert adapt(lambda *, status, more=1: (status, more), "f", "p", ("a",), frozenset({"status"}))(
        _Answer()
    ) == (401, 1)
    assert adapt(dict.fromkeys, "f", "p", ("a", "b"))(["k"], 1) == {"k": 1}
    assert adapt(min, "f", "p", ("a",)) is min


def test_what_cannot_be_filled_is_refused() -> None:
    """A keyword that the first argument does not have, and what is no function."""
    with pytest.raises(BadSignature, match=r"asks for state by keyword.*from a, which has status"):
        adapt(lambda *, state: state, "f", "p", ("a",), frozenset({"status"}))
    with pytest.raises(BadSignature, match="nothing to pick keywords from"):
        adapt(lambda *, state: state, "f", "p", ())
    with pytest.raises(BadSignature, match=r"needs a function to call, not 3 \(int\)"):
        adapt(3, "f", "p", ())
    with pytest.raises(BadSignature, match=r"not the class _Answer; attach .*, as in _Answer\(\)"):
        adapt(_Answer, "f", "p", ("a",))


def test_a_hook_of_an_onion_is_fitted_to_its_kind() -> None:
    """What it is offered goes by the kind's name; the point of all kinds has another."""
    point = Point("method", ("context", "next"), policy=Policy("onion"))
    assert fit(len, "f", point, "before") is len
    with pytest.raises(BadSignature, match=r"but before\(context\) gives 1"):
        fit(lambda a, b: (a, b), "f", point, "before")
    with pytest.raises(BadSignature, match=r"but method\(context, next\) gives 2"):
        fit(lambda a, b, c: (a, b, c), "f", point)
