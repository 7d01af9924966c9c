"""Whether code is only tried: a draft that runs on stand-ins must not reach what is live.

Whoever tries a draft does so in a thread of its own, inside of `rehearsal`. What is asked of the live bench
from there is left undone: commands, which nobody waits for, in silence; what somebody waits for by `refuse`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from workbench.engine.errors import OnlyTried

__all__ = ["refuse", "rehearsal", "rehearsing"]

_rehearsing: ContextVar[bool] = ContextVar("workbench rehearsal", default=False)


def rehearsing() -> bool:
    """Tell whether what runs here is only tried."""
    return _rehearsing.get()


@contextmanager
def rehearsal() -> Iterator[None]:
    """Let what runs inside, and tasks and threads that take its context along, be only tried."""
    token = _rehearsing.set(True)
    try:
        yield
    finally:
        _rehearsing.reset(token)


def refuse(what: str) -> None:
    """Refuse something that a draft asks of the live bench; does nothing where the code is not only tried.

    Parameters
    ----------
    what
        What it asked for, as the subject of a sentence.

    Raises
    ------
    OnlyTried
        Inside of `rehearsal`.
    """
    if _rehearsing.get():
        raise OnlyTried(
            f"{what} is not done for a draft that is only tried; "
            f'say effects="outside" of a hook that needs it, and its drafts are not tried'
        )
