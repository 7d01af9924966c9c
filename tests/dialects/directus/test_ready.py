"""Ready-made hooks and messages do what their line says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.dialects.directus.support import person, serving, until
from workbench import Workbench
from workbench.dialects.directus import DIALECT
from workbench.dialects.directus.templates import TEMPLATES


def test_all_of_them_together() -> None:
    """Attached all at once they greet, answer, trim and refuse, and messages get through."""
    with serving() as bench:
        for ready in DIALECT.ready:
            bench.chain(f"{ready.point} {ready.lane}").attach(ready.function)
        with person(bench) as alice:
            assert alice.next()["type"] == "welcome"
            assert alice.ask({"type": "whoami"}) == {"type": "whoami", "user": "alice", "role": "editor"}
            assert alice.ask({"type": "forbidden"})["error"]["code"] == "MESSAGE_BLOCKED"
            assert alice.items("create", data={"text": "  wide  "})["data"]["text"] == "wide"
            init = alice.ask({"type": "subscribe", "collection": "messages"})
            assert set(init["data"][0]) == {"id", "date_created"}
            until(lambda: "messages 1" in " ".join(bench.trace.printed()["text"]))


def test_templates_are_answered_by_a_bench_for_which_nothing_is_named() -> None:
    """Each is JSON with a type, and is no error there."""
    bench = Workbench("directus")
    try:
        bench.start()
        with person(bench, "admin-token") as somebody:
            for label, text in TEMPLATES:
                message = json.loads(text)
                somebody.send(text)
                if label != "custom":
                    answer: Any = somebody.next()
                    assert answer.get("status") != "error", label
                    while answer["type"] == "subscription" and message["type"] == "items":
                        answer = somebody.next()
    finally:
        bench.stop()


@pytest.mark.parametrize("ready", DIALECT.ready, ids=lambda one: one.name)
def test_each_leaves_other_messages_alone(ready: Any) -> None:
    """A hook of the palette minds its own business, whatever comes."""
    if ready.point == "filter" and not ready.name.startswith("slow"):
        payload: Any
        for payload in (None, 4, [], {"type": "other"}, {"type": "subscribe", "query": {"fields": ["a"]}}):
            assert ready.function(payload) == payload
