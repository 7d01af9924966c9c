"""JSON as it goes over the wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.directus.wire import dump, formatted, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_what_is_written_can_be_sent_and_read(value: object) -> None:
    """Any JSON value goes out as UTF-8, lone surrogates escaped, and comes back the same."""
    text = dump(value)
    assert parse(text.encode().decode()) == value


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", "{", "", "[" * 100_000, "1" * 10_000])
def test_no_json(text: str) -> None:
    """What JavaScript refuses is refused here, and so is what nobody can read."""
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_messages_have_their_type_first_and_the_uid_last() -> None:
    """The order of members is the system's; dates become text, sets lists."""
    assert formatted("items", {"data": [1]}, 0) == '{"type":"items","data":[1],"uid":0}'
    assert formatted("ping") == '{"type":"ping"}'
    assert json.loads(dump({"at": datetime(2026, 1, 2, tzinfo=UTC), "all": {2, 1}, "x": 1j})) == {
        "at": "2026-01-02T00:00:00+00:00", "all": [1, 2], "x": "1j",
    }  # fmt: skip
    assert dump("ä") == '"ä"'
    assert dump("\ud800") == '"\\ud800"'
