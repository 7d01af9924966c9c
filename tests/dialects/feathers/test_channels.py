"""What workbench.dialects.feathers.channels promises."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.context import Context
from workbench.dialects.feathers.channels import STANDARD, Channel, Channels, Publishers, audience
from workbench.engine.errors import WorkbenchError

ANN, BOB = Context(name="x"), Context(name="x")


def test_connections_are_told_apart_by_identity() -> None:
    """Two that look alike are two; joining twice is joining once; None is no connection."""
    channel = Channel().join(ANN, BOB, ANN, None)

    assert channel.length == len(channel) == 2
    assert ANN in channel.leave(BOB)
    assert BOB not in channel
    assert channel.filter(lambda one: one is BOB).connections == []
    assert channel.leave(lambda one: one is ANN).connections == []
    assert bool(channel)


def test_a_name_is_one_channel_whoever_asks_and_when() -> None:
    """Also for who asked before anybody joined; with its last connection it is gone (R56)."""
    channels = Channels()
    early = channels.channel("room")
    assert list(channels) == []

    channels.channel("room").join(ANN)

    assert early.connections == [ANN]
    assert channels["room"].connections == [ANN]
    early.leave(ANN)
    assert len(channels) == 0
    with pytest.raises(KeyError):
        _ = channels["room"]
    assert early.join(None).connections == []
    assert list(channels) == []


def test_several_channels_are_joined_and_left_together() -> None:
    """By their names, or a list of them."""
    channels = Channels()
    both = channels.channel("a", "b").join(ANN)
    channels.channel("b").join(BOB)

    assert both.connections == [ANN]
    assert sorted(channels) == ["a", "b"]
    assert channels.channel(list(channels)).length == 2
    channels.channel(channels).leave(ANN)
    assert list(channels) == ["b"]
    channels.leave(BOB)
    assert list(channels) == []


@pytest.mark.parametrize("names", [(), (5,), ("a", 5), ([],)])
def test_a_channel_has_a_name(names: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(WorkbenchError, match="asked for by its name"):
        Channels().channel(*names)


def test_an_audience_hears_once_with_the_data_of_its_first_channel() -> None:
    """R58, R60: channels, nested lists of them, or nothing."""
    one, two = Channel([ANN]), Channel([ANN, BOB])

    assert audience([one.send(1), [None, [two.send(2)]]]) == [(ANN, 1), (BOB, 2)]
    assert audience(None) == audience([]) == audience(False) == []
    with pytest.raises(WorkbenchError, match="returns a channel"):
        audience("everybody")


def test_the_nearest_publisher_is_asked() -> None:
    """R57: of the event, else of any; for events that there are (R62)."""
    publishers = Publishers((*STANDARD, "pinged"), "messages")
    publishers.publish(lambda: "any")
    publishers.publish("pinged", lambda data: f"pinged {data}")

    created, pinged = publishers.find("created"), publishers.find("pinged")
    assert created is not None
    assert pinged is not None
    assert (created(1, 2), pinged(1, 2)) == ("any", "pinged 1")
    assert Publishers((), "x").find("created") is None
    with pytest.raises(WorkbenchError, match=r"'createt' is no event of messages.*did you mean 'created'"):
        publishers.publish("createt", lambda: None)
    with pytest.raises(WorkbenchError, match="A publisher is a function"):
        publishers.publish("created", "everybody")  # type: ignore[arg-type]
