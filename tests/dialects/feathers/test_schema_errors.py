"""The first error, in Ajv's order and words; `test_schema` compares with what Ajv itself said."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator

from workbench.dialects.feathers.schema_errors import first_errors


@pytest.mark.parametrize(
    ("schema", "data", "message"),
    [
        ({"not": {"type": "string"}}, "a", "must NOT be valid"),
        ({"contains": {"type": "string"}}, [1], "must contain at least 1 valid item(s)"),
        ({"minItems": 2}, [1], "must NOT have fewer than 2 items"),
        ({"minProperties": 1}, {}, "must NOT have fewer than 1 properties"),
        ({"maxProperties": 0}, {"a": 1}, "must NOT have more than 0 properties"),
        ({"exclusiveMinimum": 1}, 1, "must be > 1"),
        ({"maximum": 1}, 2, "must be <= 1"),
        ({"type": ["string", "null"]}, 2, "must be string,null"),
        (
            {"uniqueItems": True},
            [[1], 2, [1.0]],
            "must NOT have duplicate items (items ## 0 and 2 are identical)",
        ),
        ({"properties": {"a": False}}, {"a": 1}, "False schema does not allow 1"),
        (
            {"patternProperties": {"^a": {}}, "additionalProperties": False},
            {"ab": 1, "b": 1},
            "must NOT have additional properties",
        ),
        ({"oneOf": [{"type": "string"}, {"minLength": 9}]}, "a", None),
    ],
)
def test_errors_have_ajvs_words(schema: Any, data: Any, message: str | None) -> None:
    """Or those of jsonschema where Ajv's are not known."""
    errors = first_errors(Draft7Validator(schema), data)

    assert [error["message"] for error in errors] == ([] if message is None else [message])


def test_paths_are_json_pointers() -> None:
    """With both kinds of slashes escaped."""
    schema = {"properties": {"a/b~c": {"items": {"type": "string"}}}}

    (error,) = first_errors(Draft7Validator(schema), {"a/b~c": ["x", 1]})

    assert error["instancePath"] == "/a~1b~0c/1"
    assert error["schemaPath"] == "#/properties/a~1b~0c/items/type"
