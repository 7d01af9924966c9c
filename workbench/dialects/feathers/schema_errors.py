"""Errors of a validation as Ajv tells them: the first one, in its order, with its words."""

from __future__ import annotations

__all__ = ["first_errors"]

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any
from urllib.parse import quote

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from workbench.dialects.feathers.matching import same

_ORDER = (
    "type",
    *("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"),
    *("maxLength", "minLength", "pattern", "format"),
    *("const", "enum", "not", "anyOf", "oneOf", "allOf", "if"),
    *("maxItems", "minItems", "uniqueItems", "additionalItems", "items", "contains"),
    *("maxProperties", "minProperties", "required"),
    *("propertyNames", "additionalProperties", "dependencies", "properties", "patternProperties"),
)
"""The order in which Ajv looks: the type, numbers, texts, what counts for all, lists, objects."""

_PLACE = {keyword: place for place, keyword in enumerate(_ORDER)}
_PLAIN = ("string", "number", "integer", "boolean", "null")
_UNQUOTED = "/~!*'()"  # of JavaScript's encodeURIComponent, and the slashes of the pointer
_BRANCHES = ("anyOf", "oneOf")


def first_errors(validator: Draft7Validator, data: Any) -> list[dict[str, Any]]:
    """Give the errors that Ajv would: none, the first one, or those of all branches with their `anyOf`.

    Parameters
    ----------
    validator
        The compiled schema.
    data
        What is checked.
    """
    found = _first(validator.iter_errors(data))
    return [] if found is None else _told(found, validator)


def _first(errors: Iterable[ValidationError]) -> ValidationError | None:
    return min(errors, key=_rank, default=None)


def _rank(error: ValidationError) -> tuple[int, ...]:
    """Order errors by the keywords on the way to them, as far as they go; equal ones stay as they came."""
    return tuple(_PLACE.get(str(step), len(_PLACE)) for step in error.relative_schema_path if step in _PLACE)


def _told(error: ValidationError, validator: Draft7Validator) -> list[dict[str, Any]]:
    keyword, wanted = error.validator, _any(error.validator_value)
    told: list[dict[str, Any]] = []
    if keyword in _BRANCHES:
        for place in range(len(wanted)):
            inner = _first(one for one in error.context or () if one.schema_path[0] == place)
            told += [] if inner is None else _told(inner, validator)
    sentence = _SENTENCES.get(str(keyword))
    message, params = (
        (error.message, {}) if sentence is None else sentence(wanted, error.instance, error.schema)
    )
    if keyword == "oneOf" and not told:  # too many fit, rather than none
        fit = (n for n, one in enumerate(wanted) if validator.evolve(schema=one).is_valid(error.instance))
        params = {"passingSchemas": list(islice(fit, 2))}
    return [
        *told,
        {
            "instancePath": _pointer(error.absolute_path),
            "schemaPath": "#" + quote(_pointer(_place_of(error, validator.schema)), safe=_UNQUOTED),
            "keyword": keyword,
            "params": params,
            "message": message,
        },
    ]


def _any(value: Any) -> Any:
    return value


def _place_of(error: ValidationError, schema: Any) -> list[object]:
    """Give the way to the keyword that failed, from where the last reference on the way leads to."""
    way: list[object] = []
    inside: Any = schema
    for step in error.absolute_schema_path:
        reference = inside.get("$ref") if isinstance(inside, dict) else None
        if isinstance(reference, str) and reference.startswith("#/"):
            way = [*reference[2:].split("/")]
            inside = schema
            for name in way:
                inside = inside[name]
        way.append(step)
        inside = _any(inside)[step] if isinstance(inside, list | dict) else None
    return way


def _pointer(path: Iterable[object]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


Told = tuple[str, dict[str, Any]]
Sentence = Callable[[Any, Any, Any], Told]
"""Takes the keyword's value, what was checked, and the schema."""


def _type(wanted: Any, _instance: Any, _schema: Any) -> Told:
    return f"must be {wanted if isinstance(wanted, str) else ','.join(wanted)}", {"type": wanted}


def _required(wanted: Any, instance: Any, _schema: Any) -> Told:
    missing = next(name for name in wanted if name not in instance)
    return f"must have required property '{missing}'", {"missingProperty": missing}


def _additional(_wanted: Any, instance: Any, schema: Any) -> Told:
    patterns = schema.get("patternProperties", {})
    known = schema.get("properties", {})
    extra = [name for name in instance if name not in known and not any(re.search(p, name) for p in patterns)]
    return "must NOT have additional properties", {"additionalProperty": extra[0]}


def _compared(sign: str) -> Sentence:
    return lambda limit, *_: (f"must be {sign} {limit}", {"comparison": sign, "limit": limit})


def _counted(words: str, things: str) -> Sentence:
    return lambda limit, *_: (f"must NOT have {words} than {limit} {things}", {"limit": limit})


def _matching(keyword: str) -> Sentence:
    return lambda wanted, *_: (f'must match {keyword} "{wanted}"', {keyword: wanted})


def _unique(_wanted: Any, entries: Any, schema: Any) -> Told:
    """Name two entries that are the same; Ajv looks from the end, for plain values the other way round."""
    items = schema.get("items")
    plain = isinstance(items, dict) and items.get("type") in _PLAIN
    last = len(entries) - 1
    pairs = ((i, j) for i in range(last, -1, -1) for j in range(last, i, -1))
    if not plain:
        pairs = ((i, j) for i in range(last, 0, -1) for j in range(i - 1, -1, -1))
    i, j = next((i, j) for i, j in pairs if same(entries[i], entries[j]))
    return f"must NOT have duplicate items (items ## {j} and {i} are identical)", {"i": i, "j": j}


_SENTENCES: dict[str, Sentence] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _additional,
    "enum": lambda wanted, *_: ("must be equal to one of the allowed values", {"allowedValues": wanted}),
    "const": lambda wanted, *_: ("must be equal to constant", {"allowedValue": wanted}),
    "maximum": _compared("<="),
    "minimum": _compared(">="),
    "exclusiveMaximum": _compared("<"),
    "exclusiveMinimum": _compared(">"),
    "multipleOf": lambda wanted, *_: (f"must be multiple of {wanted}", {"multipleOf": wanted}),
    "maxLength": _counted("more", "characters"),
    "minLength": _counted("fewer", "characters"),
    "maxItems": _counted("more", "items"),
    "minItems": _counted("fewer", "items"),
    "maxProperties": _counted("more", "properties"),
    "minProperties": _counted("fewer", "properties"),
    "pattern": _matching("pattern"),
    "format": _matching("format"),
    "uniqueItems": _unique,
    "anyOf": lambda *_: ("must match a schema in anyOf", {}),
    "oneOf": lambda *_: ("must match exactly one schema in oneOf", {"passingSchemas": None}),
    "not": lambda *_: ("must NOT be valid", {}),
    "contains": lambda *_: ("must contain at least 1 valid item(s)", {"minContains": 1}),
}
