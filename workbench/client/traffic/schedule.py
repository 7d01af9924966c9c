"""When the messages of a run go out: evenly, by chance, in bursts, or ever faster."""

from __future__ import annotations

__all__ = ["PATTERNS", "times"]

import math
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Final


def _constant(rate: float, seconds: float, _random: Random) -> Iterator[float]:
    return (number / rate for number in range(math.ceil(rate * seconds)))


def _poisson(rate: float, seconds: float, random: Random) -> Iterator[float]:
    at = random.expovariate(rate)
    while at < seconds:
        yield at
        at += random.expovariate(rate)


def _burst(rate: float, seconds: float, _random: Random) -> Iterator[float]:
    """All of a second's messages at its beginning."""
    return (math.floor(number / rate) + 0.0 for number in range(math.ceil(rate * seconds)))


def _ramp(rate: float, seconds: float, _random: Random) -> Iterator[float]:
    """From nothing to the rate, evenly: half as many messages in all."""
    count = math.ceil(rate * seconds / 2)
    return (math.sqrt(2 * number * seconds / rate) for number in range(count))


PATTERNS: Final[Mapping[str, Callable[[float, float, Random], Iterator[float]]]] = {
    "constant": _constant,
    "poisson": _poisson,
    "burst": _burst,
    "ramp": _ramp,
}


def times(pattern: str, rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Yield when messages go out, in seconds from the beginning, ascending.

    Parameters
    ----------
    pattern
        One of `PATTERNS`.
    rate
        Messages a second over all clients; of a ramp, at its end.
    seconds
        How long.
    seed
        Of the chance in it.
    """
    return PATTERNS[pattern](rate, seconds, Random(seed))  # noqa: S311 - repeatable, not secret
