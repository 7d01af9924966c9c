"""What `peer.send` and `publish` accept, and the frame each value becomes (crossws R36, R47)."""

from __future__ import annotations

__all__ = ["number_text", "payload", "well_formed"]

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# JavaScript writes whole numbers in full below this size, and fractions above this power of ten.
_EXPONENT_FROM = 1e21
_EXPONENT_BELOW = -7

_FRACTION = re.compile(r"[\[:,]-?\d+[.e]")
"""What JSON text with a float in it matches, and seldom any other."""


def payload(data: object) -> str | bytes:
    """Turn a value into the payload of one frame.

    Parameters
    ----------
    data
        `str`, numbers, booleans and None become text (None an empty one); mappings compact JSON text;
        bytes-like objects binary; lists and tuples binary too, one byte per item, modulo 256, as in
        JavaScript; functions the text `{}`.

    Returns
    -------
    str or bytes
        Text goes out as a text frame, bytes as a binary one.

    Raises
    ------
    TypeError
        For sets and other objects, and for mappings that JSON cannot hold.

    """
    if isinstance(data, (str, bytes)):
        return data
    if data is None:
        return ""
    if isinstance(data, (bool, int, float)):
        return number_text(data)
    if isinstance(data, Mapping):
        return _json_text(data)
    if isinstance(data, (list, tuple)):
        return bytes(_octet(item) for item in data)
    return _unusual(data)


def number_text(number: float) -> str:
    """Spell a number or boolean as JavaScript's `String()` does: `true`, `5`, `1.5`, `1e+21`, `NaN`."""
    if isinstance(number, bool):
        return "true" if number else "false"
    if isinstance(number, int):
        return str(number)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number.is_integer() and abs(number) < _EXPONENT_FROM:
        return str(int(Decimal(repr(number))))  # the shortest digits, then zeros
    return _fraction_text(number)


def _fraction_text(number: float) -> str:
    """Spell a fraction: both languages print the same digits, but JavaScript has exponents from 1e-7 on."""
    digits, _, exponent = repr(number).partition("e")
    if not exponent:
        return digits
    power = int(exponent)
    if _EXPONENT_BELOW < power < 0:
        mantissa = digits.lstrip("-").replace(".", "")
        return f"{'-' if number < 0 else ''}0.{'0' * (-power - 1)}{mantissa}"
    return f"{digits}e{power:+d}"


def well_formed(text: str) -> str:
    """Put U+FFFD for lone surrogates, which UTF-8 cannot hold, as JavaScript does when it sends text."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _json_text(data: Mapping[Any, Any]) -> str:
    try:
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)
    except ValueError as error:
        if "Circular" in str(error):
            raise TypeError(
                "cannot send a dict that contains itself as JSON: leave that member out"
            ) from None
        text = _spelled(data)  # JSON has no NaN and no infinities
    else:
        if _FRACTION.search(text):
            text = _spelled(data)
    # A lone surrogate becomes its escape, which only JSON can do.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _spelled(value: object) -> str:
    """Write JSON whose numbers are spelled as in JavaScript: `1` for 1.0, `null` for NaN."""
    if isinstance(value, Mapping):
        # Keys that are no strings are spelled as `json` spells them.
        names = {key: json.dumps({key: 0}, ensure_ascii=False)[1:-4] for key in value}
        return "{" + ",".join(f"{names[key]}:{_spelled(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_spelled(item) for item in value) + "]"
    if isinstance(value, float):
        return number_text(value) if math.isfinite(value) else "null"
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON: give a dict, list, str, number, bool or None")


def _octet(item: object) -> int:
    """Convert a list item as a JavaScript byte array does: numbers modulo 256, what is no number as 0."""
    if isinstance(item, int):
        return item & 0xFF
    try:
        number = float(item) if isinstance(item, (float, str)) else 0.0
    except ValueError:
        return 0
    return int(number) & 0xFF if math.isfinite(number) else 0


def _unusual(data: object) -> str | bytes:
    try:
        return memoryview(data).tobytes()  # type: ignore[arg-type]  # the check is the call
    except TypeError:
        if callable(data):
            return "{}"
        raise TypeError(
            f"cannot send {type(data).__name__}: give str, bytes, a number, a dict (JSON), "
            f"a list of byte values, or convert it yourself",
        ) from None
