"""When frames go out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest

from workbench.testing import FakeScheduler
from workbench.widgets.pacing import BYTES_PER_SECOND, FRAMES_PER_SECOND, LOSSES, LOST_AFTER, PERIODS, Pacer
from workbench.widgets.protocol import VIEWS, Message


class Page:
    """A page that a test drives: it keeps what it was sent."""

    def __init__(self, *, acknowledges: bool = True) -> None:
        self.scheduler = FakeScheduler()
        self.acknowledges = acknowledges
        self.size = 0
        self.frames: list[tuple[float, Message]] = []
        self.refusals: list[str] = []
        self.state: dict[str, Any] = {}
        self.built: list[tuple[str, Mapping[str, Any]]] = []
        self._changes = count()
        self.pacer = Pacer(self._build, self._send, self.scheduler)

    def _build(self, view: str, params: Mapping[str, Any]) -> object:
        self.built.append((view, params))
        value = self.state.get(view, next)
        if isinstance(value, Exception):
            raise value
        return next(self._changes) if value is next else value

    def _send(self, message: Message) -> int:
        if message["op"] == "refused":
            self.refusals.append(message["reason"])
            return 0
        self.frames.append((self.scheduler.clock(), message))
        if self.acknowledges:
            view, number = message["view"], message["frame"]
            self.scheduler.call_soon(lambda: self.pacer.ack(view, number))
        return self.size

    def times(self, view: str) -> list[float]:
        """When frames of a view came."""
        return [at for at, message in self.frames if message["view"] == view]


@pytest.mark.parametrize("pace", ["focused", "visible"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_changing_view_comes_at_its_pace(view: str, pace: str) -> None:
    """A view that always changes has the number of frames that its period allows."""
    page = Page()
    page.pacer.watch(view, {}, pace)
    page.scheduler.advance(3.0)
    period = PERIODS[view][pace == "visible"]
    assert page.times(view)[0] == 0.0
    assert len(page.times(view)) == pytest.approx(3.0 / period, abs=2)


def test_a_hidden_view_is_not_even_built() -> None:
    """A view that nobody sees costs nothing, and comes at once when it is looked at again."""
    page = Page()
    page.pacer.watch("chain", {}, "hidden")
    page.pacer.urge(["chain"])
    page.scheduler.advance(5.0)
    assert page.built == []
    page.pacer.watch("chain", {}, "visible")
    assert page.times("chain") == [5.0]


def test_other_parameters_wait_for_the_acknowledgement_too() -> None:
    """Somebody who scrolls fast gets the window where they have come to, and none on the way."""
    page = Page(acknowledges=False)
    for rank in range(10):
        page.pacer.watch("events", {"rank": rank}, "focused")
    assert [params["rank"] for _, params in page.built] == [0]
    page.pacer.ack("events", 1)
    assert [params["rank"] for _, params in page.built] == [0, 9]


def test_somebody_who_scrolls_waits_for_no_bytes() -> None:
    """Over the frames of a second, the next one leaves when that is over, whatever the last ones weighed."""
    page = Page()
    page.size = BYTES_PER_SECOND
    for rank in range(FRAMES_PER_SECOND + 1):
        page.pacer.watch("events", {"rank": rank}, "focused")
        page.scheduler.advance(0.001)
    assert len(page.frames) == FRAMES_PER_SECOND
    page.scheduler.advance(1.0)
    assert page.built[-1] == ("events", {"rank": FRAMES_PER_SECOND})


def test_one_frame_waits_for_its_acknowledgement() -> None:
    """No second frame of a view leaves before the first is acknowledged; then it is the newest state."""
    page = Page(acknowledges=False)
    page.state["chain"] = "a"
    page.pacer.watch("chain", {}, "focused")
    page.state["chain"] = "b"
    page.scheduler.advance(2.0)
    page.state["chain"] = "c"
    page.pacer.urge(["chain"])
    page.scheduler.advance(2.0)
    assert [message["data"] for _, message in page.frames] == ["a"]
    page.pacer.ack("chain", 7)
    page.pacer.ack("header", 1)
    assert len(page.frames) == 1
    page.pacer.ack("chain", 1)
    assert [message["data"] for _, message in page.frames] == ["a", "c"]


def test_an_unchanged_view_is_not_sent_again() -> None:
    """A frame equal to the last one is not sent."""
    page = Page()
    page.state["history"] = {"entries": []}
    page.pacer.watch("history", {}, "focused")
    page.scheduler.advance(5.0)
    assert page.times("history") == [0.0]
    page.state["history"] = {"entries": [1]}
    page.scheduler.advance(0.5)
    assert len(page.times("history")) == 2


def test_all_views_together_stay_within_the_budget() -> None:
    """However many views are in focus and urged, there are never more than 25 frames in any second."""
    page = Page()
    for view in VIEWS:
        page.pacer.watch(view, {}, "focused")
    for _ in range(300):
        page.pacer.urge(VIEWS)
        page.scheduler.advance(0.01)
    times = [at for at, _ in page.frames]
    assert max(sum(1 for other in times if at <= other < at + 0.999) for at in times) <= FRAMES_PER_SECOND
    assert len(times) > 2 * FRAMES_PER_SECOND


def test_large_frames_come_less_often() -> None:
    """Bytes are paced too: in the long run no more than the budget, and an edit is shown nevertheless."""
    page = Page()
    page.size = 150_000
    page.pacer.watch("events", {}, "focused")
    page.scheduler.advance(10.0)
    assert len(page.times("events")) == pytest.approx(10 * BYTES_PER_SECOND / page.size, abs=2)
    page.pacer.urge(["events"])
    page.scheduler.advance()
    assert page.times("events")[-1] == 10.0


def test_an_edit_overtakes_the_pace() -> None:
    """An urged view comes at once, whatever its pace, and also when plain frames have used up their share."""
    page = Page()
    page.pacer.watch("chain", {}, "visible")
    page.scheduler.advance(0.1)
    page.pacer.urge(["chain", "header"])
    page.scheduler.advance()
    assert page.times("chain") == [0.0, pytest.approx(0.1)]


def test_a_lost_frame_is_followed_by_the_present_state() -> None:
    """Ten seconds without acknowledgement: the state is sent anew; three times: silence."""
    page = Page(acknowledges=False)
    page.state["chain"] = "same"
    page.pacer.watch("chain", {}, "visible")
    page.scheduler.advance(LOST_AFTER + 0.1)
    assert len(page.frames) == 2
    page.scheduler.advance(LOST_AFTER * 20)
    assert len(page.frames) == LOSSES
    page.pacer.heard()
    assert len(page.frames) == LOSSES + 1
    page.pacer.heard()
    assert len(page.frames) == LOSSES + 1


def test_numbers_go_on_when_a_view_is_watched_again() -> None:
    """A late acknowledgement of an earlier watch is not taken for the new one's."""
    page = Page(acknowledges=False)
    page.pacer.watch("events", {}, "focused")
    page.pacer.unwatch("events")
    page.pacer.unwatch("events")
    page.pacer.watch("events", {"limit": 5}, "focused")
    page.pacer.ack("events", 1)
    page.scheduler.advance(1.0)
    assert [message["frame"] for _, message in page.frames] == [1, 2]
    assert page.built[-1] == ("events", {"limit": 5})


def test_a_view_that_fails_says_so_once_and_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    """A view that cannot be built is refused in one sentence, tried again, and the others go on."""
    page = Page()
    page.state["chain"] = ValueError("bad")
    page.pacer.watch("chain", {}, "focused")
    page.pacer.watch("header", {}, "focused")
    page.scheduler.advance(3.0)
    assert page.refusals == ['The view "chain" could not be made: ValueError: bad']
    assert len(caplog.records) == 1
    assert len(page.times("header")) > 5
    page.state["chain"] = "good"
    page.scheduler.advance(2.0)
    assert len(page.times("chain")) == 1


def test_nothing_leaves_after_the_end() -> None:
    """A closed pacer sends nothing, and a forgotten view neither."""
    page = Page()
    page.pacer.watch("chain", {}, "focused")
    page.pacer.forget()
    page.scheduler.advance(1.0)
    assert len(page.frames) == 1
    page.pacer.watch("chain", {}, "focused")
    page.pacer.close()
    page.pacer.close()
    page.pacer.urge(["chain"])
    page.scheduler.advance(1.0)
    assert len(page.frames) == 2
