"""Data on its way to validation: a copy with types coerced and defaults in place of missing members."""

from __future__ import annotations

__all__ = ["coerced", "shaped"]

import math
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft7Validator

from workbench.dialects.feathers.adapter import copied
from workbench.dialects.feathers.matching import kind_of

_DEEPEST = 60
"""References that go round and round are followed so far."""


def shaped(data: Any, validator: Draft7Validator, *, coerce: bool, defaults: bool) -> Any:
    """Copy data as its schema wants it.

    Parameters
    ----------
    data
        What came.
    validator
        The compiled schema.
    coerce, defaults
        Whether types are coerced, and whether missing members get their defaults. Inside of `anyOf` and
        `oneOf` nobody gets a default, as in Ajv.
    """
    if not (coerce or defaults):
        return copied(data)
    return _Shaper(validator, coerce).shape(copied(data), validator.schema, defaults, 0)


class _Shaper:
    def __init__(self, validator: Draft7Validator, coerce: bool) -> None:
        self._validator = validator
        self._coerce = coerce

    def shape(self, value: Any, schema: Any, defaults: bool, depth: int) -> Any:
        """Change a value that nobody else has; what does not fit stays, for the validation to find."""
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return value
        if "$ref" in schema:
            return self.shape(value, self._referred(schema["$ref"]), defaults, depth + 1)
        if self._coerce and "type" in schema:
            value = coerced(value, schema["type"])
        for part in schema.get("allOf", ()):
            value = self.shape(value, part, defaults, depth + 1)
        for keyword in ("anyOf", "oneOf"):
            value = self._first_that_fits(value, schema.get(keyword, ()), depth)
        if isinstance(value, dict):
            self._members(value, schema, defaults, depth)
        elif isinstance(value, list):
            self._entries(value, schema, defaults, depth)
        return value

    def _first_that_fits(self, value: Any, branches: Any, depth: int) -> Any:
        for branch in branches:
            tried = self.shape(copied(value), branch, False, depth + 1)
            if self._validator.evolve(schema=branch).is_valid(tried):
                return tried
        return value

    def _members(self, value: dict[str, Any], schema: Mapping[str, Any], defaults: bool, depth: int) -> None:
        properties = schema.get("properties", {})
        for name, inner in properties.items():
            if name in value:
                value[name] = self.shape(value[name], inner, defaults, depth + 1)
            elif defaults and isinstance(inner, Mapping) and "default" in inner:
                value[name] = copied(inner["default"])
        rest = schema.get("additionalProperties")
        for name, member in value.items():
            if name not in properties:
                value[name] = self.shape(member, rest, defaults, depth + 1)

    def _entries(self, value: list[Any], schema: Mapping[str, Any], defaults: bool, depth: int) -> None:
        inner = schema.get("items")
        for place, entry in enumerate(value):
            own = inner[place] if isinstance(inner, list) and place < len(inner) else inner
            value[place] = self.shape(entry, own, defaults, depth + 1)

    def _referred(self, reference: str) -> Any:
        """Follow a reference inside of the schema; others are left to the validation."""
        found: Any = self._validator.schema
        if not reference.startswith("#"):
            return True
        for step in reference.lstrip("#").strip("/").split("/") if reference != "#" else ():
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name, True) if isinstance(found, Mapping) else True
        return found


def coerced(value: Any, wanted: str | list[str]) -> Any:
    """Turn a value into the first wanted type that it can be turned into, as Ajv's `coerceTypes` does.

    Parameters
    ----------
    value
        What came. One that has a wanted type already, and one that can not be turned, stay as they are.
    wanted
        Name or names of JSON types.
    """
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    if any(_is(value, kind) for kind in kinds):
        return value
    for kind in kinds:
        turned = _TURNS.get(kind, _stay)(value)
        if turned is not _NO:
            return turned
    return value


_NO = object()


def _is(value: Any, kind: str) -> bool:
    if kind == "integer":
        return kind_of(value) == "number" and float(value).is_integer()
    return kind_of(value) == kind


def _stay(_value: Any) -> Any:
    return _NO


def _to_string(value: Any) -> Any:
    kind = kind_of(value)
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "number":
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return "" if value is None else _NO


def _to_number(value: Any) -> Any:
    kind = kind_of(value)
    if kind == "boolean" or value is None:
        return int(bool(value))
    return _number(value) if kind == "string" and value.strip() else _NO


def _number(text: str) -> Any:
    """Read a number as JavaScript reads the text of one."""
    text = text.strip()
    try:
        if text[:2].lower() in ("0x", "0o", "0b"):
            return int(text, 0)
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        return _NO
    if not math.isfinite(number):
        return _NO
    return int(number) if number.is_integer() else number


def _to_integer(value: Any) -> Any:
    number = _to_number(value)
    if number is _NO or not float(number).is_integer():
        return _NO
    return int(number)


def _to_boolean(value: Any) -> Any:
    if value is None or value == "false" or (kind_of(value) == "number" and value == 0):
        return False
    return True if value == "true" or (kind_of(value) == "number" and value == 1) else _NO


def _to_null(value: Any) -> Any:
    empty = value == "" or value is False or (kind_of(value) == "number" and value == 0)
    return None if empty else _NO


_TURNS: dict[str, Callable[[Any], Any]] = {
    "string": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "null": _to_null,
}
