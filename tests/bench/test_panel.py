"""Panels of a bench on their own."""

from __future__ import annotations

import pytest

from workbench import Workbench
from workbench.bench.panel import PANELS
from workbench.engine.errors import WorkbenchError
from workbench.widgets.protocol import VIEWS
from workbench.widgets.widget import widget_of


def test_each_panel_is_a_widget_of_its_own() -> None:
    """Displayed, it is that panel alone, and the bench's own widget is another."""
    bench = Workbench("crossws", name="panelled")
    models = set()
    for name in PANELS:
        shown = bench.panel(name)
        bundle = shown._repr_mimebundle_()
        widget = widget_of(bench, name)
        assert widget.panel == name
        assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id
        models.add(widget.model_id)
        assert repr(shown).startswith(f"<the {name} of <bench panelled")
    assert len({*models, widget_of(bench).model_id}) == len(PANELS) + 1
    for name in (*PANELS, "bench"):
        widget_of(bench, name).close()


def test_an_unknown_panel_is_refused_with_near_names() -> None:
    """The sentence says which there are."""
    with pytest.raises(WorkbenchError, match="did you mean 'faults'"):
        Workbench("crossws", name="panelled").panel("fault")


def test_what_a_panel_shows_is_shown_as_that_panel() -> None:
    """The console, faults, breakpoints and traffic; on paper too, and in a terminal in their own words."""
    bench = Workbench("crossws", name="panelled")
    bench.chain("message").attach(print, name="talkative")
    said = {
        "console": "No client is connected.", "faults": "None is armed.",
        "breakpoints": "None is set, and no event is held.", "traffic": "No run yet.",
    }  # fmt: skip
    for name, words in said.items():
        thing = getattr(bench, name)
        bundle = thing._repr_mimebundle_()
        model = bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
        assert model == widget_of(bench, name).model_id
        assert bundle["text/plain"] == repr(thing)
        assert words in bundle["text/html"]
        assert "talkative" not in bundle["text/html"]  # which stands in the chain
        widget_of(bench, name).close()


def test_panels_with_a_free_name_are_members() -> None:
    """The other names are the things themselves, which their panels show."""
    bench = Workbench("crossws", name="panelled")
    for name in ("events", "inspector", "timeline", "stats", "lints"):
        assert repr(getattr(bench, name)) == repr(bench.panel(name))
    assert bench.faults.list == []


def test_every_view_that_people_see_is_a_panel() -> None:
    """The header is part of all, the story of the timeline, the source of the chain."""
    assert set(VIEWS) - set(PANELS) == {"header", "story", "source"}
    assert set(PANELS) < set(VIEWS)
