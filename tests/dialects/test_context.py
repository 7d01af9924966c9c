"""The mapping that hooks share."""

from __future__ import annotations

import copy
import json
import pickle
import threading

import pytest

from workbench.dialects.context import Context, copied


def tracked() -> tuple[Context, list[str]]:
    """Make a context and the list of what changed in it."""
    changes: list[str] = []
    return Context.tracked(lambda _, key: changes.append(key)), changes


def test_attributes_are_entries() -> None:
    """Attributes and entries are the same thing."""
    context = Context(user="bob")
    context.room = 1
    assert (context["room"], context.user) == (1, "bob")
    del context.user
    assert context == {"room": 1}
    assert "room" in dir(context)


def test_missing_attribute_says_what_there_is() -> None:
    """A missing attribute is an AttributeError that names what is near, what there is, or that nothing is."""
    with pytest.raises(AttributeError, match="no 'user' in this mapping; there are: '7', 'room'"):
        _ = Context([("room", 1), (7, 2)]).user  # type: ignore[list-item]  # hooks put in what they like
    with pytest.raises(AttributeError, match="no 'usr' in this mapping; did you mean 'user'"):
        _ = Context(user=1).usr
    with pytest.raises(AttributeError, match=r"which is empty; get\('user'\) gives None then"):
        _ = Context().user
    with pytest.raises(AttributeError, match="no 'user' in this mapping, which is empty"):
        del Context().user


def test_is_a_dict() -> None:
    """It compares, prints and turns into JSON as a dict does."""
    context = Context({"a": {"b": 1}})
    assert context == {"a": {"b": 1}}
    assert json.dumps(context) == '{"a": {"b": 1}}'
    assert repr(context) == "{'a': {'b': 1}}"


def test_every_change_is_told() -> None:
    """Each way to change a dict names the entry that changed."""
    context, changes = tracked()
    context.a = 1
    context["b"] = 2
    context.update({"c": 3}, d=4)
    context |= {"e": 5}
    context.setdefault("f", 6)
    assert changes == ["a", "b", "c", "d", "e", "f"]
    changes.clear()
    assert context.setdefault("f", 7) == 6
    assert context.pop("missing", None) is None
    assert changes == []
    assert context.pop("f") == 6
    assert context.popitem() == ("e", 5)
    del context["d"]
    del context.c
    context.clear()
    assert changes == ["f", "e", "d", "c", "a", "b"]
    assert context == {}


def test_failed_deletion_tells_nothing() -> None:
    """Deleting what is not there raises KeyError and changes nothing."""
    context, changes = tracked()
    with pytest.raises(KeyError):
        del context["missing"]
    assert changes == []


def test_copies_are_untracked() -> None:
    """Copies are contexts too, and nobody hears of their changes."""
    context, changes = tracked()
    context.a = {"b": 1}
    changes.clear()
    for other in (
        context.copy(),
        copy.copy(context),
        copy.deepcopy(context),
        pickle.loads(pickle.dumps(Context(a=1))),
    ):
        assert isinstance(other, Context)
        other.z = 1
    assert changes == []
    assert "z" not in context


def test_a_copy_is_as_deep_as_it_can_be() -> None:
    """One member that cannot be copied is shared, and only that one."""
    lock = threading.Lock()
    original = Context(lock=lock, user={"name": "ada"}, rooms=[["a"], lock])

    made = copied(original)

    assert isinstance(made, Context)
    assert made == original
    assert made.lock is lock
    made.user["name"] = "eve"
    made.rooms[0].append("b")
    assert (original.user, original.rooms[0]) == ({"name": "ada"}, ["a"])
    assert copied(lock) is lock
