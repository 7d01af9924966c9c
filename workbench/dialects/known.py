"""What hooks get is called in errors what people know it as, also where something else stands in for it."""

from __future__ import annotations

__all__ = ["known_as"]

from collections.abc import Callable
from types import FunctionType
from typing import TypeVar

T = TypeVar("T")


def known_as(kind: type) -> Callable[[type[T]], type[T]]:
    """Decorate a class whose objects people take for those of another one.

    Python says in its own errors what a class and its methods are called: ``'Peer' object has no attribute
    'sent'``, ``Peer.send() got an unexpected keyword argument``.

    Parameters
    ----------
    kind
        The class that people know.
    """

    def named(stand_in: type[T]) -> type[T]:
        stand_in.__name__, stand_in.__qualname__ = kind.__name__, kind.__qualname__
        stand_in.__module__ = kind.__module__
        for one in vars(stand_in).values():
            if isinstance(one, FunctionType):
                one.__qualname__ = f"{kind.__qualname__}.{one.__name__}"
        return stand_in

    return named
