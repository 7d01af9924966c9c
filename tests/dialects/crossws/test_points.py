"""The hook points."""

from __future__ import annotations

from tests.dialects.crossws.support import Stage, play, turns
from workbench.dialects.crossws.points import POINTS


def test_names() -> None:
    """There are eight points, all folds whose errors end the event."""
    assert [point.name for point in POINTS] == "upgrade open message close error drain ping pong".split()  # noqa: SIM905
    assert {(point.policy.shape, point.policy.failure) for point in POINTS} == {("fold", "propagate")}
    assert [point.policy.reduce.name for point in POINTS] == ["upgrade", *["ignore"] * 7]


def test_members_by_keyword() -> None:
    """Keyword-only parameters pick members of request and peer."""
    seen: list[object] = []

    def upgrade(*, headers: object, path: str) -> None:
        seen.append((type(headers).__name__, path))

    def message(*, context: object, namespace: str) -> None:
        seen.append((context, namespace))

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=upgrade, message=message)
        ws = await stage.connect("/x")
        ws.send("hi")
        await turns()
        assert seen == [("Headers", "/x"), ({}, "/x")]

    play(scene)
