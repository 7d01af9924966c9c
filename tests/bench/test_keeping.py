"""Drafts that were written and not applied, as the bench keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from workbench import Workbench
from workbench.bench.keeping import Drafts, KeptDraft
from workbench.engine.errors import UnknownHook, WorkbenchError


def shout(peer: Any, message: Any) -> None:
    """Change a message."""
    del peer
    message.raw_data = message.text().upper()


@pytest.fixture
def bench() -> Workbench:
    """Make a bench with one hook, h1."""
    made = Workbench("crossws", name="chat")
    made.chain("message").attach(shout)
    return made


@pytest.fixture
def drafts(bench: Workbench) -> Drafts:
    """Give its drafts."""
    return bench.drafts


def test_a_draft_is_kept_until_it_is_given_up(drafts: Drafts) -> None:
    """Each change has a number of its own, so that a page knows which one it has seen."""
    assert drafts.of("h1") == KeptDraft(0, None)
    assert drafts.keep("h1", "one", 1, by="a", seen=0) == KeptDraft(1, "one", 1, "a")
    assert drafts.keep("h1", "two", 1, by="a", seen=1) == drafts.of("h1") == KeptDraft(2, "two", 1, "a")
    assert drafts.keep("h1", None, 0, by="a", seen=2) == KeptDraft(3, None, 0, "a")
    assert drafts.keep("h1", None, 0, by="b", seen=0).number == 3


def test_what_another_page_has_not_seen_is_not_overwritten(drafts: Drafts) -> None:
    """It is told what there is; once it knows that, its own draft is taken."""
    drafts.keep("h1", "mine", 1, by="a", seen=0)

    for text in ("theirs", None):
        assert drafts.keep("h1", text, 1, by="b", seen=0) == KeptDraft(1, "mine", 1, "a")
    assert drafts.keep("h1", "theirs", 1, by="b", seen=1).text == "theirs"
    assert drafts.keep("h1", "mine, too", 1, by="a", seen=1).text == "theirs"


def test_a_page_goes_on_from_its_own_words_without_waiting(drafts: Drafts) -> None:
    """Two messages may be under way, of which the second has not seen the number of the first."""
    drafts.keep("h1", "one", 1, by="a", seen=0)

    assert drafts.keep("h1", "two", 1, by="a", seen=0).text == "two"


def test_where_no_draft_is_left_there_is_none_to_lose(drafts: Drafts) -> None:
    """A page that has seen nothing of it may write."""
    drafts.keep("h1", "mine", 1, by="a", seen=0)
    drafts.keep("h1", None, 0, by="a", seen=1)

    assert drafts.keep("h1", "theirs", 1, by="b", seen=0) == KeptDraft(3, "theirs", 1, "b")


def test_an_applied_draft_is_none_any_more(drafts: Drafts) -> None:
    """What was written while it was applied stays."""
    drafts.keep("h1", "one", 1, by="a", seen=0)
    drafts.applied("h1", "one")
    assert drafts.of("h1") == KeptDraft(2, None)
    drafts.keep("h1", "two", 1, by="a", seen=0)
    drafts.applied("h1", "one")
    assert drafts.of("h1").text == "two"


def test_a_draft_outlives_its_hook(bench: Workbench, drafts: Drafts) -> None:
    """It may be written on, as undo brings the hook back; of a hook that never was there is none."""
    drafts.keep("h1", "one", 1, by="a", seen=0)
    bench.chain("message").remove("shout")
    assert repr(drafts) == "<drafts: h1, removed (of version 1)>"
    drafts.keep("h1", "two", 1, by="a", seen=1)
    bench.undo()

    assert drafts.of("h1").text == "two"
    assert repr(drafts) == "<drafts: shout (of version 1)>"
    with pytest.raises(UnknownHook):
        drafts.keep("h9", "one", 1, by="a", seen=0)


def test_a_text_that_could_not_come_back_is_not_taken(drafts: Drafts) -> None:
    """Half a surrogate pair breaks the frame that it stands in."""
    with pytest.raises(WorkbenchError, match="half a surrogate pair"):
        drafts.keep("h1", "\ud800", 1, by="a", seen=0)
    assert repr(drafts) == "<drafts: none>"
