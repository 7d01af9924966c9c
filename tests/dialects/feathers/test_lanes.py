"""What workbench.dialects.feathers.lanes promises."""

from __future__ import annotations

from workbench.dialects.feathers.lanes import chain_lanes, label, lane, level_of


def test_a_chain_is_closed_layers_outermost_first() -> None:
    """The application's around the service's; in each, errors of a scope around its hooks (R1 to R8)."""
    assert [one.name for one in chain_lanes("messages", "create")] == [
        "app.around.all",
        "app.around.create",
        "app.error.all",
        "app.before.all",
        "app.error.create",
        "app.before.create",
        "app.after.create",
        "app.after.all",
        "/messages.list.all",
        "/messages.map.create",
        "/messages.around.all",
        "/messages.around.create",
        "/messages.error.all",
        "/messages.before.all",
        "/messages.error.create",
        "/messages.before.create",
        "/messages.after.create",
        "/messages.after.all",
    ]


def test_lists_and_maps_hold_around_hooks() -> None:
    """The kind of a lane is what a hook becomes that is dropped there."""
    kinds = {one.name: one.kind for one in chain_lanes("messages", "create")}

    assert kinds["/messages.list.all"] == kinds["/messages.map.create"] == "around"
    assert kinds["/messages.error.all"] == "error"


def test_lists_have_names_that_people_understand() -> None:
    """The level, the kind and the methods in the words of Feathers; the two forms of R8 by what they are."""
    assert [one.label for one in chain_lanes("messages", "create")] == [
        "application · around all methods",
        "application · around create",
        "application · error in all methods",
        "application · before all methods",
        "application · error in create",
        "application · before create",
        "application · after create",
        "application · after all methods",
        "messages · around all methods (list form)",
        "messages · around create (map form)",
        "messages · around all methods",
        "messages · around create",
        "messages · error in all methods",
        "messages · before all methods",
        "messages · error in create",
        "messages · before create",
        "messages · after create",
        "messages · after all methods",
    ]


def test_a_service_called_app_is_not_the_application() -> None:
    """Its lanes have a slash in front, which people don't read; the application's have its whole name."""
    assert lane(level_of("app"), "before", "all") == "/app.before.all"
    assert label(level_of("app"), "before", "all") == "app · before all methods"
    assert label(level_of("/"), "before", "all") == "/ · before all methods"
