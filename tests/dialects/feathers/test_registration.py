"""What workbench.dialects.feathers.registration promises."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.feathers.registration import of_application, of_service
from workbench.engine.errors import WorkbenchError


def one() -> None:
    """Do nothing."""


def two() -> None:
    """Do nothing."""


METHODS = ("find", "create")


@pytest.mark.parametrize(
    ("given", "lanes"),
    [
        ({"before": {"create": [one, two], "all": one}}, ["app.before.create"] * 2 + ["app.before.all"]),
        ({"error": one}, ["app.error.all"]),
        ({"after": [one, two]}, ["app.after.all"] * 2),
        ([one, two], ["app.around.all"] * 2),
        ({"create": [one]}, ["app.around.create"]),
        ({"around": {"all": []}, "before": None}, []),
    ],
)
def test_every_form_of_an_application(given: Any, lanes: list[str]) -> None:
    """R8: the list and the map are around hooks like any other."""
    assert [attachment.lane for attachment in of_application(given)] == lanes


@pytest.mark.parametrize(
    ("given", "lanes"),
    [
        ({"around": {"all": [one]}, "before": {"find": one}}, ["/notes.around.all", "/notes.before.find"]),
        ([one, two], ["/notes.list.all"] * 2),
        ({"create": [one], "find": two}, ["/notes.map.create", "/notes.map.find"]),
        ({"before": {"nothing": [one]}}, ["/notes.before.nothing"]),
    ],
)
def test_every_form_of_a_service(given: Any, lanes: list[str]) -> None:
    """R8: the list and the map are layers of their own; a kind list may name any method (R68)."""
    assert [attachment.lane for attachment in of_service("/notes", METHODS, given)] == lanes


def test_setup_and_teardown_hooks_stand_apart() -> None:
    """R69: they go to points of their own, and not together with others."""
    assert [(one.point, one.kind) for one in of_application({"setup": [one], "teardown": two})] == [
        ("setup", "around"),
        ("teardown", "around"),
    ]
    with pytest.raises(WorkbenchError, match="apart from others, not together with 'before'"):
        of_application({"setup": [one], "before": {}})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"before": {}, "befor": {}}, "'befor' is no kind of hook.*did you mean 'before'"),
        ({"creat": [one]}, "'creat' is neither a kind.*did you mean 'create'"),
        (5, "Hooks are a list, or a mapping"),
        ({"before": {"find": ["name"]}}, "A hook in before.find is a function, not 'name'"),
    ],
)
def test_what_is_no_form_is_refused(given: Any, told: str) -> None:
    """R68: with what is near, and where."""
    with pytest.raises(WorkbenchError, match=told):
        of_service("/notes", METHODS, given)
