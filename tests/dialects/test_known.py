"""What Python's own errors call an object that stands in for another one."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.known import known_as


class Thing:
    """What people know."""

    def send(self) -> None:
        """Send."""


@known_as(Thing)
class StandIn(Thing):
    """Not to be told from one."""

    __slots__ = ()

    def send(self, quietly: bool = True) -> None:
        """Send nothing."""


@pytest.mark.parametrize(
    ("fail", "says"),
    [
        (lambda one: one.sent, r"'Thing' object has no attribute 'sent'"),
        (lambda one: one + 1, r"'Thing' and 'int'"),
        (lambda one: one.send(loudly=True), r"^Thing\.send\(\) got an unexpected keyword argument"),
        (lambda one: {}[one], r"test_known\.Thing object at"),
    ],
)
def test_a_stand_in_is_called_what_people_know(fail: Any, says: str) -> None:
    """In what Python says of its members, methods and operators, and where it is shown."""
    with pytest.raises((AttributeError, TypeError, KeyError), match=says):
        fail(StandIn())
    assert isinstance(StandIn(), Thing)
