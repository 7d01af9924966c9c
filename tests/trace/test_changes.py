"""What workbench.trace.changes promises."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.trace.changes import Change, apply, changes_frame, difference, spoken
from workbench.trace.copies import copy_of, same

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats()
    | st.text("ab", max_size=2)
    | st.binary(max_size=1)
)
JSON_LIKE = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@given(JSON_LIKE, JSON_LIKE)
def test_doing_the_difference_gives_the_other_side(before: Any, after: Any) -> None:
    """The changes from one value to another, done in order, give the other, and leave the first alone."""
    kept = copy_of(before)

    assert same(apply(before, difference(before, after)), after)

    assert same(before, kept)


@given(JSON_LIKE)
def test_equal_values_have_no_difference(value: Any) -> None:
    """Nothing differs between a value and its copy."""
    assert difference(value, copy_of(value)) == []


def test_members_are_named_one_by_one() -> None:
    """Nested dicts and lists differ in their members, not as wholes."""
    before = {"message": {"raw": "a"}, "context": {"rooms": ["x", "y", "z"], "old": 1}}
    after = {"message": {"raw": "A"}, "context": {"rooms": ["x"], "user": {"name": "b"}}}

    assert difference(before, after) == [
        Change(("message", "raw"), "changed", "a", "A"),
        Change(("context", "rooms", 2), "removed", "z", None),
        Change(("context", "rooms", 1), "removed", "y", None),
        Change(("context", "old"), "removed", 1, None),
        Change(("context", "user"), "added", None, {"name": "b"}),
    ]


def test_what_a_list_gains_is_added_at_its_end() -> None:
    """A longer list has added positions."""
    assert difference([1], [1, 2]) == [Change((1,), "added", None, 2)]


def test_a_change_of_type_is_one_change() -> None:
    """A dict in place of a list replaces it as a whole."""
    assert difference([1], {"a": 1}) == [Change((), "changed", [1], {"a": 1})]


def test_equal_leaves_are_no_change() -> None:
    """Two texts of the same letters do not differ, though they are two objects."""
    assert difference({"a": "x" * 9}, {"a": "".join(["x"] * 9)}) == []


def test_the_root_itself_may_change() -> None:
    """A change without a path replaces the whole."""
    assert apply([1], difference([1], "one")) == "one"


def test_paths_are_written_as_people_do() -> None:
    """Plain keys take a dot, positions and other keys take brackets."""
    assert spoken(("context", "msg", "say")) == "context.msg.say"
    assert spoken(("context", "rooms", 0, "name")) == "context.rooms[0].name"
    assert spoken(("message", "headers", "x.y", 3)) == 'message.headers["x.y"][3]'
    assert spoken(("1st",)) == '["1st"]'


def test_the_frame_has_one_row_per_change() -> None:
    """Hooks without changes have no rows; the columns are there even so."""
    change = Change(("message", "raw"), "changed", "a", "A")

    frame = changes_frame([(0, "look", []), (1, "shout", [change])])

    assert frame.to_dict("records") == [
        {"position": 1, "hook": "shout", "path": "message.raw", "before": "a", "after": "A", "op": "changed"}
    ]
    assert list(changes_frame([]).columns) == list(frame.columns)
