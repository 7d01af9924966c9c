"""Where the original would have done something else: its defects (the Q rules), which are not copied."""

from __future__ import annotations

__all__ = ["on_failure", "on_waiting"]

from workbench.dialects.wookie.errors import Signalled
from workbench.dialects.wookie.profiles import Profile

_WAITING = {
    "parsed-headers": "the parser would go on, and an ordinary request would end in 404 (Q5)",
    "body-chunk": "the parser would go on, and the rest of the body would overtake the hook (Q6)",
    "connect": "what the client sends meanwhile would be lost (Q9)",
}


def on_waiting(point: str) -> str:
    """Say what Wookie does where a hook is waited for here; empty: the same.

    Parameters
    ----------
    point
        Of the hook.

    """
    text = _WAITING.get(point)
    return f"waits for {point}; Wookie would differ: {text}" if text else ""


def on_failure(profile: Profile, point: str, error: BaseException, *, unsent: bool) -> str:
    """Say what Wookie does about a failure; empty: the same.

    Parameters
    ----------
    profile
        The generation.
    point
        Where it happened; "route" for a route.
    error
        What it was.
    unsent
        Whether nothing had been sent.

    """
    text = _at_head(point, error, unsent) if profile.answers_errors else _in_docs(point)
    return f"{point} failed; Wookie {profile.version} would differ: {text}" if text else ""


def _at_head(point: str, error: BaseException, unsent: bool) -> str:
    if isinstance(error, Signalled):
        return "for a value that is no error the connection would hang for good (Q4)"
    if point == "response-started":
        return "the 500 would run the same hook again until the process dies"
    if not unsent:
        return "a second response, a stray 500, would follow (Q1)"
    if point == "parsed-headers":
        return "a 404 would be sent beside the 500"
    if point == "body-chunk":
        return "a 500 would be sent for each failing call, and one more for the route"
    return ""


def _in_docs(point: str) -> str:
    if point == "parsed-headers":
        return "pre-route would run, and the answer would be 404"
    if point == "body-chunk":
        return "the failure would be ignored, and the route would answer"
    return ""
