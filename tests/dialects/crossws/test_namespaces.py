"""Sets of peers and who hears a topic."""

from __future__ import annotations

from typing import Any

from workbench.dialects.crossws.namespaces import Namespaces


class FakePeer:
    """What the sets take for a peer."""

    def __init__(self, name: str, namespace: str, topics: tuple[str, ...]) -> None:
        self.name = name
        self.namespace = namespace
        self.topics = set(topics)
        self.sent: list[Any] = []

    def send(self, data: Any, *, compress: bool) -> None:
        """Note what would be sent."""
        self.sent.append((data, compress))

    def __repr__(self) -> str:
        return self.name


def peer(name: str, namespace: str = "/", *topics: str) -> Any:
    """Make a peer."""
    return FakePeer(name, namespace, topics)


def test_join_and_leave() -> None:
    """Peers stand in join order; leaving twice is once; an empty set stays."""
    namespaces = Namespaces()
    one, two, other = peer("one"), peer("two"), peer("other", "/b")
    for each in (one, two, other):
        namespaces.join(each)
    members = namespaces.peers["/"]
    assert (list(members), len(members), one in members, other in members) == ([one, two], 2, True, False)
    assert namespaces.everybody() == [one, two, other]
    assert repr(members) == "{one, two}"
    namespaces.leave(other)
    namespaces.leave(other)
    assert list(namespaces.peers["/b"]) == []
    assert set(namespaces.peers) == {"/", "/b"}


def test_sets_are_live_and_safe_to_walk() -> None:
    """A set shows who comes and goes, and may change while somebody walks it."""
    namespaces = Namespaces()
    members = namespaces.members("/")
    for number in range(3):
        namespaces.join(peer(str(number)))
    for each in members:
        namespaces.leave(each)
    assert not members


def test_sets_are_sets() -> None:
    """What set operations make is an ordinary set."""
    namespaces = Namespaces()
    one, two = peer("one"), peer("two")
    namespaces.join(one)
    namespaces.join(two)
    assert namespaces.members("/") - {one} == {two}
    assert type(namespaces.members("/") & {one}) is set


def test_audience() -> None:
    """R44, R45: subscribers of one namespace or of all; nobody for an empty topic or unknown namespace."""
    namespaces = Namespaces()
    a, b, c = peer("a", "/", "t"), peer("b", "/x", "t", ""), peer("c")
    for each in (a, b, c):
        namespaces.join(each)
    assert namespaces.audience("t", None) == [a, b]
    assert namespaces.audience("t", "/x") == [b]
    assert namespaces.audience("t", "/unknown") == []
    assert namespaces.audience("", None) == []
    namespaces.broadcast("t", "hi", None, False, but=a)
    assert (a.sent, b.sent, c.sent) == ([], [("hi", False)], [])
