"""Types are coerced as by Ajv, and never inside of what somebody else holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from workbench.dialects.feathers.schema_shaping import coerced, shaped


@pytest.mark.parametrize(
    ("value", "wanted", "turned"),
    [
        (5, "string", "5"),
        (5.0, "string", "5"),
        (True, "string", "true"),
        (None, "string", ""),
        ([], "string", []),
        ("5", "number", 5),
        (" 5.5 ", "number", 5.5),
        ("0x10", "number", 16),
        ("1_0", "number", "1_0"),
        ("inf", "number", "inf"),
        ("", "number", ""),
        (True, "number", 1),
        (None, "number", 0),
        ("5.5", "integer", "5.5"),
        ("5.0", "integer", 5),
        ("true", "boolean", True),
        (0, "boolean", False),
        (2, "boolean", 2),
        (None, "boolean", False),
        ("", "null", None),
        (False, "null", None),
        ("x", "null", "x"),
        ("5", "array", "5"),
        ("5", ["boolean", "integer"], 5),
        ("5", ["string", "integer"], "5"),
    ],
)
def test_values_turn_into_a_wanted_type(value: Any, wanted: Any, turned: Any) -> None:
    """Where they can; otherwise they stay."""
    found = coerced(value, wanted)

    assert (type(found), found) == (type(turned), turned)


def test_references_entries_and_further_members_are_shaped() -> None:
    """Wherever a schema stands for them."""
    schema = {
        "definitions": {"n": {"type": "number"}, "loop": {"$ref": "#/definitions/loop"}},
        "properties": {
            "pair": {"items": [{"type": "number"}, {"type": "boolean"}]},
            "all": {"allOf": [{"type": "number"}]},
            "loop": {"$ref": "#/definitions/loop"},
            "self": {"$ref": "#"},
            "odd": {"$ref": "#/definitions/none"},
            "far": {"$ref": "other"},
        },
        "additionalProperties": {"$ref": "#/definitions/n"},
    }
    data = {
        "pair": ["1", "true"],
        "all": "2",
        "loop": "3",
        "self": {"x": "4"},
        "odd": "5",
        "far": "6",
        "y": "7",
    }

    assert shaped(data, Draft7Validator(schema), coerce=True, defaults=False) == {
        "pair": [1, True],
        "all": 2,
        "loop": "3",
        "self": {"x": 4},
        "odd": "5",
        "far": "6",
        "y": 7,
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner),
)
TREE = {"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"type": ["number", "null"]}}}


@given(json_values)
def test_whatever_comes_is_shaped(data: Any) -> None:
    """Nothing raises, and what is valid stays as it is."""
    validator = Draft7Validator(TREE)

    found = shaped(data, validator, coerce=True, defaults=True)

    if validator.is_valid(data):
        assert found == data
