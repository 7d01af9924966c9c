"""What a bench says about itself: state, rate, errors and clients, for the list in the side panel."""

from __future__ import annotations

__all__ = ["figures"]

from typing import Any

from workbench.jupyter.discovery import Announcement
from workbench.jupyter.errors import ServerSilent, ServerUnreachable
from workbench.jupyter.upstream import fetch_json

_PATH = "/_workbench/status"
_NOTHING = {"rate": 0.0, "errors": 0, "clients": 0}


async def figures(found: Announcement, seconds: float, *, kernel_busy: bool) -> dict[str, Any]:
    """Ask a bench's hook server how it is.

    Parameters
    ----------
    found
        The bench as announced.
    seconds
        How long it may take.
    kernel_busy
        Whether a cell runs in its kernel; tells a silent server that waits for the interpreter from a broken
        one.

    Returns
    -------
    dict
        ``state``, ``reason``, ``rate`` (events per second), ``errors`` and ``clients``. Never raises: a
        server that does not answer has the state ``busy`` or ``failed`` and a reason in words.
    """
    if found.state == "stopped":
        return {"state": "stopped", "reason": found.reason, **_NOTHING}
    try:
        facts = await fetch_json(found, _PATH, seconds)
    except ServerSilent:
        if kernel_busy:
            return {"state": "busy", "reason": "A cell holds the interpreter", **_NOTHING}
        return {"state": "failed", "reason": "The server does not answer", **_NOTHING}
    except ServerUnreachable:
        return {"state": "failed", "reason": "The server does not answer", **_NOTHING}
    return _checked(facts, found)


def _checked(facts: dict[str, Any], found: Announcement) -> dict[str, Any]:
    """Keep the figures that are what they should be; the hook server runs other people's experiments."""
    state, reason = facts.get("state"), facts.get("reason")
    return {
        "state": state if isinstance(state, str) else found.state,
        "reason": reason if isinstance(reason, str) else "",
        "rate": float(_number(facts.get("rate"))),
        "errors": int(_number(facts.get("errors"))),
        "clients": int(_number(facts.get("clients"))),
    }


def _number(value: object) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
