"""What a person may ask for when starting a bench, checked before any of it comes near a kernel."""

from __future__ import annotations

__all__ = ["Wanted", "parse_wanted"]

import re
from dataclasses import dataclass
from typing import Any

from workbench.jupyter.errors import BadRequest

_KNOWN = ("kernel", "path", "dialect", "name", "port")
_DIALECT = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9 _.-]{0,46}[A-Za-z0-9_])?")
_KERNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked wish for a bench.

    Attributes
    ----------
    dialect
        Which hook system; whether the kernel knows it, the kernel says.
    kernel, path
        The kernel by id or by its notebook; a new kernel where both are None.
    name
        Name of the bench; None lets the bench choose.
    port
        None: a free one.
    """

    dialect: str
    kernel: str | None = None
    path: str | None = None
    name: str | None = None
    port: int | None = None


def parse_wanted(body: object) -> Wanted:
    """Check the JSON body of a request for a new bench.

    Parameters
    ----------
    body
        The parsed JSON, of any type.

    Raises
    ------
    BadRequest
        With what was expected and what came.
    """
    if not isinstance(body, dict):
        raise BadRequest('Expected a JSON object such as {"dialect": "crossws"}.')
    unknown = sorted(set(map(str, body)) - set(_KNOWN))
    if unknown:
        raise BadRequest(f'Unknown field "{unknown[0]}"; known are {", ".join(_KNOWN)}.')
    if body.get("kernel") is not None and body.get("path") is not None:
        raise BadRequest("Give the kernel or the notebook's path, not both.")
    dialect = _matching(body, "dialect", _DIALECT, 'a name such as "crossws"')
    if dialect is None:
        raise BadRequest('Say which dialect the bench speaks, such as {"dialect": "crossws"}.')
    return Wanted(
        dialect=dialect,
        kernel=_matching(body, "kernel", _KERNEL, "a kernel's id"),
        path=_path(body.get("path")),
        name=_matching(body, "name", _NAME, "up to 48 letters, digits, spaces and . _ -"),
        port=_port(body.get("port")),
    )


def _matching(body: dict[str, Any], field: str, pattern: re.Pattern[str], expected: str) -> str | None:
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadRequest(f'The field "{field}" must be {expected}.')
    return value


def _path(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip("/") or "\0" in value or ".." in value.split("/"):
        raise BadRequest('The field "path" must be the path of a notebook, such as "lessons/tour.ipynb".')
    return value.strip("/")


def _port(value: object) -> int | None:
    if value is None or (value == 0 and not isinstance(value, bool)):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _LARGEST_PORT:
        raise BadRequest(f'The field "port" must be a whole number from 1 to {_LARGEST_PORT}.')
    return value
