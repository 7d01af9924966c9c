"""JSON Schema for data and queries: validation with the outcome that Feathers' validators have.

Feathers validates with Ajv, which stops at the first error; what a client gets of it is here the same list of
objects, with `instancePath`, `schemaPath`, `keyword`, `params` and `message`.
"""

from __future__ import annotations

__all__ = [
    "Validator",
    "get_data_validator",
    "get_validator",
    "query_property",
    "query_syntax",
    "validate_data",
    "validate_query",
]

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError

from workbench.dialects.context import Context
from workbench.dialects.feathers.errors import BadRequest
from workbench.dialects.feathers.schema_errors import first_errors
from workbench.dialects.feathers.schema_shaping import shaped
from workbench.engine.awaiting import must_await
from workbench.engine.errors import WorkbenchError

Schema = Mapping[str, Any]
Check = Callable[[Any], Any]
"""Takes what came and gives what is to be used, now or as an awaitable; raises for what is wrong."""

Hook = Callable[..., Awaitable[Any]]

_METHODS = ("create", "update", "patch")


class Validator:
    """A compiled JSON Schema (draft 7); calling it gives the data, or raises BadRequest.

    Parameters
    ----------
    schema
        The schema. References go inside of it.
    coerce
        Whether "5" becomes 5 where a number is wanted, and so on, as Ajv's `coerceTypes` does it. Queries
        need it, since over REST they are texts.
    defaults
        Whether members that are missing get their `default`.

    Raises
    ------
    WorkbenchError
        For a schema that is none.

    """

    def __init__(self, schema: Schema, *, coerce: bool = False, defaults: bool = True) -> None:
        if not isinstance(schema, Mapping):
            raise WorkbenchError(f"A JSON Schema is an object, not {type(schema).__name__}")
        try:
            Draft7Validator.check_schema(schema)
        except SchemaError as error:
            place = "/".join(map(str, error.absolute_path)) or "the schema"
            raise WorkbenchError(
                f"A JSON Schema does not hold together at {place}: {error.message}"
            ) from error
        self.schema = schema
        self._coerce = coerce
        self._defaults = defaults
        self._validator = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)

    def __call__(self, data: Any) -> Any:
        """Give a copy of the data, coerced and completed; BadRequest "validation failed" has the errors."""
        ready = shaped(data, self._validator, coerce=self._coerce, defaults=self._defaults)
        errors = first_errors(self._validator, ready)
        if errors:
            raise BadRequest("validation failed", errors)
        return ready


def get_validator(schema: Schema, *, coerce: bool = False, defaults: bool = True) -> Validator:
    """Compile a schema; the arguments are those of `Validator`."""
    return Validator(schema, coerce=coerce, defaults=defaults)


def get_data_validator(
    schema: Schema, *, coerce: bool = False, defaults: bool = True
) -> dict[str, Validator]:
    """Compile what `create`, `update` and `patch` take.

    Parameters
    ----------
    schema
        A schema, or one for each of the three under its name. Without their own, `update` has that of
        `create`, and `patch` the same with nothing required and without defaults.
    coerce, defaults
        As of `Validator`.
    """
    given = schema if isinstance(schema.get("create"), Mapping) else {"create": schema}
    create: Schema = given["create"]
    patch = given.get("patch") or {**create, "required": []}
    return {
        "create": Validator(create, coerce=coerce, defaults=defaults),
        "update": Validator(given.get("update") or create, coerce=coerce, defaults=defaults),
        "patch": Validator(patch, coerce=coerce, defaults=defaults and "patch" in given),
    }


def query_property(definition: Schema, extensions: Schema | None = None) -> dict[str, Any]:
    """Give the schema of one member in a query: its value, or an object of operators.

    Parameters
    ----------
    definition
        The schema of the member; a default does not count in queries.
    extensions
        Further operators and their schemas.
    """
    plain = {name: value for name, value in definition.items() if name != "default"}
    several = plain if plain.get("type") == "array" else {"type": "array", "items": plain}
    operators = dict.fromkeys(("$gt", "$gte", "$lt", "$lte", "$ne"), plain)
    operators = {**operators, "$in": several, "$nin": several, **(extensions or {})}
    return {"anyOf": [plain, {"type": "object", "additionalProperties": False, "properties": operators}]}


def query_syntax(
    properties: Mapping[str, Schema], extensions: Mapping[str, Schema] | None = None
) -> dict[str, Any]:
    """Give the properties of a query's schema: its filters, `$or`, `$and`, and the members.

    Parameters
    ----------
    properties
        The members that may be asked for, with their schemas.
    extensions
        Further operators of some members.
    """
    members = {
        name: query_property(definition, (extensions or {}).get(name))
        for name, definition in properties.items()
    }
    names: dict[str, Any] = {"enum": list(properties)} if properties else {}
    one_of = {"type": "array", "items": _closed(members)}
    return {
        "$limit": {"type": "number", "minimum": 0},
        "$skip": {"type": "number", "minimum": 0},
        "$sort": {
            "type": "object",
            "properties": {name: {"type": "number", "enum": [1, -1]} for name in properties},
        },
        "$select": {"type": "array", "maxItems": len(properties), "items": {"type": "string", **names}},
        "$or": one_of,
        "$and": {"type": "array", "items": _closed({**members, "$or": one_of})},
        **members,
    }


def validate_query(schema: Schema | Check) -> Hook:
    """Make a hook, around or before, that checks `params.query` and replaces it by what the check gives.

    Parameters
    ----------
    schema
        A schema, which also coerces, or any function that takes the query.
    """
    check = Validator(schema, coerce=True) if isinstance(schema, Mapping) else schema

    async def validate_query(context: Any, next: Any = None) -> None:  # noqa: A002  # Feathers' name
        query = await _checked(check, context.params.get("query") or {})
        context.params = Context(context.params, query=query)
        if next is not None:
            await next()

    return validate_query


def validate_data(schema: Schema | Check | Mapping[str, Check]) -> Hook:
    """Make a hook, around or before, that checks the data, or each entry of a list of data.

    Parameters
    ----------
    schema
        A schema, any function that takes the data, or functions by the name of their method, as
        `get_data_validator` gives them; a method without one is let through.
    """
    by_method = isinstance(schema, Mapping) and any(callable(schema.get(name)) for name in _METHODS)
    single = Validator(schema) if isinstance(schema, Mapping) and not by_method else schema

    async def validate_data(context: Any, next: Any = None) -> None:  # noqa: A002  # Feathers' name
        check = single.get(context.method) if isinstance(single, Mapping) else single
        if check is not None:
            data = context.get("data")
            if isinstance(data, list):
                context.data = list(await asyncio.gather(*(_checked(check, one) for one in data)))
            else:
                context.data = await _checked(check, data)
        if next is not None:
            await next()

    return validate_data


def _closed(members: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(members)}


async def _checked(check: Check, given: Any) -> Any:
    outcome = check(given)
    return await outcome if must_await(outcome) else outcome
