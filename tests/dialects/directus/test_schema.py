"""Collections and fields: what is declared, and what values become."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.directus.errors import DirectusError
from workbench.dialects.directus.schema import Field, Schema, is_system
from workbench.engine.errors import WorkbenchError


def test_declared() -> None:
    """Fields are types or mappings; a key that counts up is added where none is named."""
    schema = Schema(
        {
            "messages": {"text": "string", "likes": {"type": "integer", "default": 2}},
            "board": {"fields": {"headline": "text"}, "singleton": True},
            "tags": {"name": {"type": "string", "key": True}},
        }
    )
    assert (list(schema), len(schema), schema["messages"].key.name) == (
        ["messages", "board", "tags"],
        3,
        "id",
    )
    assert list(schema["messages"].fields) == ["id", "text", "likes"]
    assert (schema["board"].singleton, schema["tags"].key.name) == (True, "name")
    assert schema["messages"].completed({"text": 5, "nope": 1}) == {"text": "5", "likes": 2}
    assert schema["messages"].defaults() == {"id": None, "text": None, "likes": 2}
    assert is_system("directus_users")


@pytest.mark.parametrize(
    "collections",
    [
        [], {"directus_x": {}}, {"a b": {}}, {1: {}}, {"a": []}, {"a": {"f": "strng"}}, {"a": {"f": 4}},
        {"a": {"f;": "string"}}, {"a": {"f": {"typ": "string"}}}, {"a": {"fields": {}, "sngleton": True}},
        {"a": {"f": {"key": True}, "g": {"key": True}}},
    ],
)  # fmt: skip
def test_refused(collections: Any) -> None:
    """What cannot be a collection is refused with the name of what is wrong."""
    with pytest.raises(WorkbenchError):
        Schema(collections)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("integer", "5", 5), ("integer", 5.0, 5), ("integer", True, 1), ("bigInteger", -(2**63), -(2**63)),
        ("float", "1.5", 1.5), ("boolean", "false", False), ("boolean", 1, True), ("string", 5, "5"),
        ("string", True, "true"), ("json", {"a": [1]}, {"a": [1]}), ("integer", None, None),
    ],
)  # fmt: skip
def test_values_that_are_taken(kind: str, value: Any, stored: Any) -> None:
    """A value is brought into its field's type where it can be."""
    assert Field("f", "c", kind).stored(value) == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "abc"), ("integer", 1.5), ("integer", 2**63), ("integer", []), ("integer", "9" * 400),
        ("float", True), ("float", "x"), ("float", ""), ("float", "nan"), ("float", "1e999"),
        ("boolean", "yes"),
        ("boolean", 2), ("string", {}), ("string", "\ud800"), ("string", "a\0"),
    ],
)  # fmt: skip
def test_values_that_are_refused(kind: str, value: Any) -> None:
    """Another value is an INVALID_PAYLOAD that names the field."""
    with pytest.raises(DirectusError, match='Field "f" in collection "c"') as refused:
        Field("f", "c", kind).stored(value)
    assert refused.value.code == "INVALID_PAYLOAD"


def test_null_where_it_is_none() -> None:
    """A field that is not nullable refuses None."""
    with pytest.raises(DirectusError, match="can't be null"):
        Field("f", "c", nullable=False).stored(None)
