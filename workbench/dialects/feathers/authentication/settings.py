"""Settings of authentication, in either spelling: ``jwtOptions`` and ``jwt_options`` are one."""

from __future__ import annotations

__all__ = ["DEFAULTS", "merged", "seconds", "settings"]

import re
from collections.abc import Mapping
from typing import Any

from workbench.engine.errors import WorkbenchError

DEFAULTS: Mapping[str, Any] = {
    "auth_strategies": [],
    "jwt_options": {
        "header": {"typ": "access"},
        "audience": "https://yourdomain.com",
        "issuer": "feathers",
        "algorithm": "HS256",
        "expires_in": "1d",
    },
}
"""What counts where nothing is set, as in Feathers."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhdwy])?[a-z]*", re.IGNORECASE)


def settings(given: Any) -> dict[str, Any]:
    """Give settings with names in snake_case, on every level but the headers of tokens."""
    return {
        re.sub(r"(?<=[a-z])([A-Z])", lambda found: "_" + found[1].lower(), name): settings(value)
        if isinstance(value, Mapping) and name != "header"
        else value
        for name, value in (given or {}).items()
    }


def merged(*several: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give settings of which later ones win, also inside of each other; a setting of None does not count."""
    whole: dict[str, Any] = {}
    for one in several:
        for name, value in settings(one).items():
            former = whole.get(name)
            deep = isinstance(former, Mapping) and isinstance(value, Mapping)
            whole[name] = merged(former, value) if deep else value
    return whole


def seconds(duration: float | str) -> float:
    """Read a duration: seconds as a number, or a text such as "1d", "15 minutes" or "500ms".

    Raises
    ------
    WorkbenchError
        For anything else.
    """
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        return duration
    found = _DURATION.fullmatch(duration.strip()) if isinstance(duration, str) else None
    if found is None:
        raise WorkbenchError(f'A duration is a number of seconds or a text such as "1d", not {duration!r}')
    number, unit = float(found[1]), (found[2] or "ms").lower()
    return number / 1000 if unit == "ms" else number * _UNITS[unit]
