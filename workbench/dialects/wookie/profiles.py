"""The two generations of Wookie that can be spoken, and in what they differ."""

from __future__ import annotations

__all__ = ["PROFILES", "Profile", "profile_of"]

from dataclasses import dataclass

from workbench.dialects.wookie.errors import WookieError
from workbench.engine.errors import near

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Profile:
    """One generation.

    Attributes
    ----------
    name
        What the option `profile` takes.
    version
        The release of Wookie that was observed, for people.
    answers_errors
        True: a failure is answered with 500 where nothing has been sent (Wookie 32). False: nothing is sent
        (Wookie 29).
    chunk_arguments
        What body-chunk hooks are called with.
    whole_up_to
        Bodies of a known length up to this many bytes come to body-chunk in one piece (Wookie 40); longer
        ones in pieces, so that memory does not grow with what a client sends. 0: always in pieces.
    empty_last
        Whether the last piece is an empty one of its own, also for a request without body (Wookie 40).
    max_body_size
        Bytes of a stored body, beyond which the answer is 413; None: what the server allows.

    """

    name: str
    version: str
    answers_errors: bool
    chunk_arguments: tuple[str, ...]
    whole_up_to: int
    empty_last: bool
    max_body_size: int | None


PROFILES = {
    "docs": Profile("docs", "0.2.7", False, ("request", "chunk", "last"), MIB, False, None),
    "head": Profile("head", "0.3.15", True, ("request", "chunk", "start", "end", "last"), 0, True, 2 * MIB),
}
"""By name; the first is the usual one: what the manual promises."""


def profile_of(name: object) -> Profile:
    """Find a profile.

    Parameters
    ----------
    name
        One of `PROFILES`.

    Raises
    ------
    WookieError
        For another name, with those that there are.

    """
    found = PROFILES.get(name) if isinstance(name, str) else None
    if found is None:
        raise WookieError(f"profile is one of {', '.join(PROFILES)}, not {name!r}{near(str(name), PROFILES)}")
    return found
