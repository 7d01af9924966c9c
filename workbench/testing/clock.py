"""A clock that moves when it is told to."""

from __future__ import annotations

__all__ = ["FakeClock"]


class FakeClock:
    """Stands in for ``time.time`` or ``time.perf_counter_ns``: calling it tells the time.

    Parameters
    ----------
    now
        The first time told, in seconds.

    Examples
    --------
    >>> clock = FakeClock(100.0)
    >>> clock.advance(2.5)
    >>> clock(), clock.ns()
    (102.5, 102500000000)
    """

    def __init__(self, now: float = 0.0) -> None:
        self._ns = round(now * 1e9)

    def __call__(self) -> float:
        """Tell the time in seconds."""
        return self._ns / 1e9

    def ns(self) -> int:
        """Tell the time in nanoseconds."""
        return self._ns

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Parameters
        ----------
        seconds
            How much; a clock that runs backwards is refused.

        Raises
        ------
        ValueError
            For a negative number.
        """
        if seconds < 0:
            message = f"A clock does not go back: {seconds} s."
            raise ValueError(message)
        self._ns += round(seconds * 1e9)
