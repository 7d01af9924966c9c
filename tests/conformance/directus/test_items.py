"""Items, subscriptions and HTTP of Directus, seen from outside."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.conformance.directus.driver import Client, Scenario, serving

_channels = itertools.count(1)
NO_FIELD = (
    'You don\'t have permission to access field "nope" in collection "messages" or it does not exist. '
    "Queried in root."
)
FORBIDDEN = "You don't have permission to access this."


@pytest.fixture(scope="module")
def scenario() -> Iterator[Scenario]:
    """The scenario, served by a process of its own."""
    with serving() as running:
        yield running


@pytest.fixture
def channel() -> str:
    """A channel that no other test uses, so that its items are told apart."""
    return f"c{next(_channels)}"


def items(client: Client, action: str, collection: str = "messages", **more: Any) -> Any:
    """Send an items message; the data of its answer, or its error's code."""
    answer = client.call({"type": "items", "action": action, "collection": collection, **more})
    if answer.get("status") == "error":
        assert answer["type"] == "items"
        return answer["error"]["code"]
    return answer["data"]


def create(client: Client, channel: str, *texts: str) -> list[int]:
    """Create messages in a channel; their keys."""
    made = items(client, "create", data=[{"text": text, "channel": channel} for text in texts])
    return [item["id"] for item in made]


# Items --------------------------------------------------------------------------------------------


def test_r90_create_one_and_many(scenario: Scenario, channel: str) -> None:
    """R90, R106: one in, one out; a list in, a list out; defaults filled, unknown members dropped."""
    with scenario.client() as client:
        data = {"text": "a", "channel": channel, "nothing": 1}
        made = items(client, "create", data=data)
        assert made == {
            "id": made["id"], "text": "a", "status": "published", "channel": channel, "likes": 0,
            "secret": None,
        }  # fmt: skip
        assert items(client, "create", data=data, query={"fields": "text,likes"}) == {"text": "a", "likes": 0}
        many = items(client, "create", data=[data, {**data, "text": "b"}], query={"fields": ["text"]})
        assert many == [{"text": "a"}, {"text": "b"}]
        assert items(client, "create", data={"id": made["id"]}) == "RECORD_NOT_UNIQUE"
        assert items(client, "create", data={"id": 100_000 + made["id"]})["id"] == 100_000 + made["id"]
        client.call(
            {"type": "items", "action": "delete", "collection": "messages", "id": 100_000 + made["id"]}
        )


def test_r91_read(scenario: Scenario, channel: str) -> None:
    """R91, R98: by id, by ids in the order of keys, or by query; 0 counts as absent."""
    with scenario.client() as client:
        first, second = create(client, channel, "a", "b")
        assert items(client, "read", id=first, query={"fields": ["text"]}) == {"text": "a"}
        assert items(client, "read", id=str(second), query={"fields": ["text"]}) == {"text": "b"}
        listed = items(client, "read", ids=[second, first, 10**6], query={"fields": "text"})
        assert listed == [{"text": "a"}, {"text": "b"}]
        assert items(client, "read", id=10**6) == "FORBIDDEN"
        assert isinstance(items(client, "read", id=0, query={"limit": 1}), list)
        answer = client.call(
            {
                "type": "items", "action": "read", "collection": "messages",
                "query": {"filter": {"channel": channel}, "limit": 1, "meta": "*", "fields": ["text"]},
            }
        )  # fmt: skip
        assert answer["data"] == [{"text": "a"}]
        assert answer["meta"]["filter_count"] == 2
        assert answer["meta"]["total_count"] >= 2


def test_r92_update(scenario: Scenario, channel: str) -> None:
    """R92, R102: by id one whole object; by ids, with keys, or by query a list; filters change it."""
    with scenario.client() as client:
        first, second = create(client, channel, "a", "b")
        whole = items(client, "update", id=first, data={"text": "shout"}, query={"fields": ["id"]})
        assert (whole["text"], whole["likes"]) == ("SHOUT", 0)
        mark = scenario.mark(client)
        several = items(client, "update", ids=[second, first], data={"likes": 5}, query={"fields": ["likes"]})
        assert several == [{"likes": 5}, {"likes": 5}]
        assert scenario.trace(client, mark, "changed")[0]["keys"] == [first, second]
        mark = scenario.mark(client)
        batch = [{"id": first, "likes": 1}, {"id": second, "likes": 2}]
        assert [one["likes"] for one in items(client, "update", data=batch)] == [1, 2]
        assert [one["keys"] for one in scenario.trace(client, mark, "changed")] == [[first], [second]]
        query = {"filter": {"channel": {"_eq": channel}}, "fields": ["likes"]}
        assert items(client, "update", data={"likes": 9}, query=query) == [{"likes": 9}, {"likes": 9}]
        assert items(client, "update", id=10**6, data={"likes": 1}) == "FORBIDDEN"
        assert items(client, "update", ids=[first, 10**6], data={"likes": 1}) == "FORBIDDEN"
        answer = client.call(
            {"type": "items", "action": "update", "collection": "messages", "data": [{"likes": 1}]}
        )
        assert answer["error"]["message"] == "Invalid payload. Item in update misses primary key."
        assert items(client, "update", id=first, data={"id": 10**7})["id"] == first


def test_r93_delete(scenario: Scenario, channel: str) -> None:
    """R93, R101: the bare id, the ids as sent, or the keys found; a filter may keep some."""
    with scenario.client() as client:
        keys = create(client, channel, "a", "b", "c", "d", "e")
        assert items(client, "delete", id=keys[0]) == keys[0]
        assert items(client, "delete", ids=[keys[2], keys[1]]) == [keys[2], keys[1]]
        assert client.call({"type": "keep", "id": keys[3]})["type"] == "kept"
        assert items(client, "delete", ids=[keys[3], keys[4]]) == [keys[3], keys[4]]
        query = {"filter": {"channel": {"_eq": channel}}}
        assert [one["id"] for one in items(client, "read", query=query)] == [keys[3]]
        answer = client.call({"type": "items", "action": "delete", "collection": "messages"})
        assert answer["error"] == {
            "code": "INVALID_PAYLOAD",
            "message": "Either 'ids', 'id' or 'query' is required for a DELETE request.",
        }
        others = create(client, channel, "x", "y")
        assert items(client, "delete", query={"filter": {"id": {"_in": others}}}) == others


def test_r95_r96_refusals(scenario: Scenario) -> None:
    """R95, R96: what is not there and what is not allowed look alike; shapes are checked, with the uid."""
    with scenario.client("rita-token") as rita, scenario.client() as alice:
        assert items(rita, "create", data={"text": "x"}) == "FORBIDDEN"
        assert items(rita, "read", "bulletin") == items(rita, "read", "nothing") == "FORBIDDEN"
        assert items(alice, "read", "nothing") == "FORBIDDEN"
        assert items(alice, "read", "directus_users") == "INVALID_COLLECTION"
        for wrong in ({"action": "x"}, {"action": "read", "collection": 5}, {"action": "read", "id": []}):
            answer = alice.call({"type": "items", "collection": "messages", **wrong})
            assert (answer["type"], answer["error"]["code"]) == ("items", "INVALID_PAYLOAD")
            assert answer["error"]["message"].startswith("Validation error")
        alice.send({"type": "items", "action": "create", "collection": "messages", "uid": 1})
        assert alice.silent()


def test_r97_singletons(scenario: Scenario) -> None:
    """R97: a singleton reads as its defaults before it is written; an update creates, then changes it."""
    with scenario.socket("strict", "?access_token=admin-static-token") as client:
        assert items(client, "read", "board") == {"id": None, "headline": "nothing yet"}
        assert items(client, "update", "board", data={"headline": "one"}) == {"id": 1, "headline": "one"}
        assert items(client, "update", "board", data={"headline": "two"})["id"] == 1
        assert items(client, "read", "board", query={"fields": ["headline"]}) == {"headline": "two"}


def test_r99_r100_transactions(scenario: Scenario, channel: str) -> None:
    """R99, R100: a list is created whole or not at all; filters run before rights are looked at."""
    with scenario.client() as client, scenario.client("rita-token") as rita:
        mark = scenario.mark(client)
        texts = [{"text": "fine", "channel": channel}, {"text": "reject", "channel": channel}]
        assert items(client, "create", data=texts) == "MESSAGE_REJECTED"
        assert items(client, "read", query={"filter": {"channel": channel}}) == []
        assert [one["kind"] for one in scenario.trace(client, mark)] == ["filter"] * 3
        mark = scenario.mark(client)
        assert items(rita, "create", data={"text": "rita"}) == "FORBIDDEN"
        assert [one["label"] for one in scenario.trace(client, mark)] == ["create-general", "create-specific"]
        client.send(
            {"type": "items", "action": "create", "collection": "messages", "data": {"text": "reject-plain"}}
        )
        assert client.silent()


def test_r103_r104_query_and_read_filters(scenario: Scenario, channel: str) -> None:
    """R103, R104: what query and read filters return is what is asked and answered."""
    with scenario.client() as client:
        create(client, channel, "mask: secret", "default-channel", "plain")
        query = {"filter": {"channel": channel}, "fields": ["text"]}
        assert items(client, "read", query=query) == [{"text": "***"}, {"text": "plain"}]
        assert len(items(client, "read", query={**query, "search": "only-one"})) == 1


def test_r105_queries_stop_at_a_hundred(scenario: Scenario, channel: str) -> None:
    """R105: without a limit a query gives 100 rows, and a delete by query takes 100; -1 lifts it."""
    with scenario.client() as client:
        create(client, channel, *(f"n{number}" for number in range(130)))
        query: dict[str, Any] = {"filter": {"channel": channel}, "fields": ["id"]}
        assert len(items(client, "read", query=query)) == 100
        assert len(items(client, "read", query={**query, "limit": -1})) == 130
        assert len(items(client, "delete", query=query)) == 100
        assert len(items(client, "delete", query=query)) == 30


FILTERS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"likes": {"_eq": "5"}}, "b"),
    ({"likes": {"_gt": 1, "_lt": 9}}, "b"),
    ({"likes": {"_gte": 5}}, "bc"),
    ({"likes": {"_lte": "5"}}, "ab"),
    ({"likes": {"_neq": 5}}, "ac"),
    ({"likes": {"_in": [0, 9]}}, "ac"),
    ({"likes": {"_in": "0,9"}}, "ac"),
    ({"likes": {"_nin": [0, 9]}}, "b"),
    ({"likes": {"_between": [1, 6]}}, "b"),
    ({"likes": {"_nbetween": "1,6"}}, "ac"),
    ({"secret": {"_null": True}}, "ab"),
    ({"secret": {"_nnull": True}}, "c"),
    ({"secret": {"_null": False}}, "c"),
    ({"secret": {"_empty": True}}, "ab"),
    ({"secret": {"_nempty": True}}, "c"),
    ({"secret": {"_contains": "id"}}, "c"),
    ({"text": {"_ncontains": "a"}}, "bc"),
    ({"secret": {"_icontains": "HID"}}, "c"),
    ({"secret": {"_starts_with": "hid"}}, "c"),
    ({"secret": {"_istarts_with": "HID"}}, "c"),
    ({"text": {"_nstarts_with": "a"}}, "bc"),
    ({"secret": {"_ends_with": "den"}}, "c"),
    ({"secret": {"_iends_with": "DEN"}}, "c"),
    ({"text": {"_nends_with": "b"}}, "ac"),
    ({"_or": [{"text": "a"}, {"text": {"_eq": "c"}}]}, "ac"),
    ({"_and": [{"likes": {"_gte": 5}}, {"text": "b"}]}, "b"),
    ({"secret": {"_eq": "%"}}, ""),
    ({"secret": {"_contains": "%"}}, ""),
    ({"secret": {"_contains": "_"}}, ""),
)


def test_filters(scenario: Scenario, channel: str) -> None:
    """Every operator finds what it says; values are cast, SQL's wildcards are letters."""
    with scenario.client() as client:
        rows = [("a", 0, None), ("b", 5, None), ("c", 9, "hidden")]
        data = [
            {"text": text, "likes": likes, "secret": secret, "channel": channel}
            for text, likes, secret in rows
        ]
        items(client, "create", data=data)
        mine = {"channel": {"_eq": channel}}
        for rules, expected in FILTERS:
            query = {"filter": {"_and": [mine, rules]}, "fields": ["text"]}
            assert "".join(one["text"] for one in items(client, "read", query=query)) == expected, rules
            as_text = {"filter": json.dumps({"_and": [mine, rules]}), "fields": "text"}
            assert len(items(client, "read", query=as_text)) == len(expected), rules


def test_queries(scenario: Scenario, channel: str) -> None:
    """R76: sort, limit, offset, page and search work, as JSON values and as text."""
    with scenario.client() as client:
        items(client, "create", data=[{"text": text, "channel": channel, "likes": 77} for text in "bcad"])
        base = {"filter": {"channel": channel}, "fields": "text"}

        def texts(**query: Any) -> str:
            return "".join(one["text"] for one in items(client, "read", query={**base, **query}))

        assert texts() == "bcad"
        assert texts(sort="text") == texts(sort=["text"]) == "abcd"
        assert texts(sort="-text", limit="2") == texts(sort=["-text"], limit=2) == "dc"
        assert texts(sort="text", limit=2, offset=1) == "bc"
        assert texts(sort="text", limit=2, page=2) == texts(sort="text", limit="2", page="2") == "cd"
        assert texts(limit=0) == ""
        items(client, "create", data={"text": "zebra", "channel": channel})
        assert texts(search="ZEB") == "zebra"
        assert texts(search="77") == "bcad"


BAD_QUERIES: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"limit": -2}, "INVALID_QUERY", 'Invalid query. "limit" must be greater than or equal to -1.'),
    ({"limit": "many"}, "INVALID_QUERY", 'Invalid query. "limit" must be a number.'),
    ({"limit": True}, "INVALID_QUERY", ""),
    ({"offset": -1}, "INVALID_QUERY", ""),
    ({"page": 0}, "INVALID_QUERY", ""),
    ({"filter": "{"}, "INVALID_QUERY", ""),
    ({"filter": []}, "INVALID_QUERY", ""),
    ({"filter": {"text": {"_regex": "x"}}}, "INVALID_QUERY", ""),
    ({"filter": {"text": {"_eq": ""}}}, "INVALID_QUERY", ""),
    ({"filter": {"text": {"_in": []}}}, "INVALID_QUERY", ""),
    ({"filter": {"likes": {"_between": [1]}}}, "INVALID_QUERY", ""),
    ({"filter": {"likes": {"_eq": "abc"}}}, "INVALID_QUERY", ""),
    ({"filter": {"_or": {}}}, "INVALID_QUERY", ""),
    ({"fields": 5}, "INVALID_QUERY", ""),
    (
        {"fields": ["nope"]}, "FORBIDDEN", NO_FIELD,
    ),
    ({"sort": "nope"}, "FORBIDDEN", ""),
    ({"filter": {"nope": {"_eq": 1}}}, "FORBIDDEN", ""),
)  # fmt: skip


def test_bad_queries(scenario: Scenario) -> None:
    """R83: what cannot be asked is refused with a code and a reason."""
    with scenario.client() as client:
        for query, code, text in BAD_QUERIES:
            answer = client.call(
                {"type": "items", "action": "read", "collection": "messages", "query": query}
            )
            assert answer["error"]["code"] == code, query
            if text:
                assert answer["error"]["message"] == text


INJECTIONS = (
    "messages; DROP TABLE messages",
    "messages'--",
    'messages" --',
    "sqlite_master",
    "__proto__",
    "messages\0",
    "directus_users",
    "' OR 1=1 --",
    "$where",
    "../messages",
    "1; DELETE FROM messages",
    "*",
    "text) FROM messages --",
)


def test_injections_change_nothing(scenario: Scenario, channel: str) -> None:
    """SQL and JSON in collections, fields, filters, sorts and keys get an error and change nothing."""
    with scenario.client() as client:
        kept = create(client, channel, "safe", "safe too")
        query = {"filter": {"channel": channel}}
        for text in INJECTIONS:
            assert items(client, "read", text) in ("FORBIDDEN", "INVALID_COLLECTION")
            subscribed = client.call({"type": "subscribe", "collection": text})
            assert subscribed["error"]["code"] in ("FORBIDDEN", "INVALID_COLLECTION")
            if text != "*":
                assert items(client, "read", query={"fields": [text]}) == "FORBIDDEN"
            assert items(client, "read", query={"sort": [text]}) == "FORBIDDEN"
            assert items(client, "read", query={"filter": {text: {"_eq": 1}}}) == "FORBIDDEN"
            assert items(client, "read", query={"filter": {"id": {text: 1}}}) == "INVALID_QUERY"
            assert items(client, "read", query={"filter": {"id": {"_eq": text}}}) == "INVALID_QUERY"
            assert items(client, "read", query={"limit": text}) == "INVALID_QUERY"
            assert items(client, "read", id=text) == "FORBIDDEN"
            assert items(client, "update", id=text, data={"text": "gone"}) == "FORBIDDEN"
            assert items(client, "delete", id=text) == "FORBIDDEN"
            found = items(client, "read", query={"filter": {"text": {"_contains": text}}})
            assert found in ([], "INVALID_QUERY") or text == "*"
            assert items(client, "delete", query={"filter": {text: 1}}) == "FORBIDDEN"
            assert items(client, "read", query={"filter": {"text": {"_eq": {text: 1}}}}) == "INVALID_QUERY"
            items(client, "create", data={text: "x", "text": "made", "channel": f"{channel}-made"})
        assert [one["id"] for one in items(client, "read", query=query)] == kept
        deep: Any = {"text": "x"}
        for _ in range(200):
            deep = {"_and": [deep]}
        assert items(client, "read", query={"filter": deep}) == "INVALID_QUERY"
        many = {"_or": [{"text": "x"}] * 2000}
        assert items(client, "read", query={"filter": many}) == "INVALID_QUERY"
        for value in ({"a": 1}, [1], "\ud800", "a\0b"):
            assert items(client, "create", data={"text": value, "channel": channel}) == "INVALID_PAYLOAD"
        assert items(client, "create", data={"likes": 2**70}) == "INVALID_PAYLOAD"
        assert items(client, "create", data="text") == "INVALID_PAYLOAD"
        assert [one["id"] for one in items(client, "read", query=query)] == kept


# Subscriptions ------------------------------------------------------------------------------------


def test_r70_to_r73_subscriptions(scenario: Scenario, channel: str) -> None:
    """R70 to R73: all kinds of changes, or one; the query's filter and fields apply to what is sent."""
    query = {"fields": "text", "filter": {"channel": {"_eq": channel}}}
    with scenario.client() as writer, scenario.client("bob-token") as reader:
        init = reader.ask({"type": "subscribe", "collection": "messages", "query": query, "uid": 7})
        assert init == {"type": "subscription", "event": "init", "data": [], "uid": "7"}
        only = reader.ask({"type": "subscribe", "collection": "messages", "event": "delete", "uid": "gone"})
        assert only == {"type": "subscription", "event": "init", "uid": "gone"}
        first, second = create(writer, channel, "a", "b")
        for text in "ab":
            expected = {"type": "subscription", "event": "create", "data": [{"text": text}], "uid": "7"}
            assert reader.next() == expected
        create(writer, f"{channel}-other", "elsewhere")
        assert reader.silent()
        items(writer, "update", ids=[first, second], data={"likes": 1})
        assert reader.next()["data"] == [{"text": "a"}, {"text": "b"}]
        items(writer, "update", data=[{"id": first, "likes": 2}, {"id": second, "likes": 2}])
        assert [reader.next()["data"], reader.next()["data"]] == [[{"text": "a"}], [{"text": "b"}]]
        items(writer, "delete", ids=[first, second])
        gone = [reader.next(), reader.next()]
        assert {one["uid"] for one in gone} == {"7", "gone"}
        assert all((one["event"], one["data"]) == ("delete", [first, second]) for one in gone)


def test_r74_deletes_reach_everybody(scenario: Scenario) -> None:
    """R74, R82: delete events ask for no right; others tell the error when the first event comes."""
    with scenario.client() as writer, scenario.client("rita-token") as rita:
        assert (
            rita.call({"type": "subscribe", "collection": "bulletin", "event": "delete"})["event"] == "init"
        )
        assert (
            rita.call({"type": "subscribe", "collection": "bulletin", "event": "create"})["event"] == "init"
        )
        made = items(writer, "create", "bulletin", data={"title": "x"})
        answer = rita.next()
        assert (answer["type"], answer["error"]["code"]) == ("subscribe", "FORBIDDEN")
        items(writer, "delete", "bulletin", id=made["id"])
        assert rita.next()["data"] == [made["id"]]


def test_r75_meta(scenario: Scenario, channel: str) -> None:
    """R75: a query's meta adds meta to each message."""
    query = {"fields": ["text"], "filter": {"channel": channel}, "meta": ["filter_count"]}
    with scenario.client() as client:
        init = client.call({"type": "subscribe", "collection": "messages", "query": query})
        assert init["meta"] == {"filter_count": 0}
        client.send(
            {"type": "items", "action": "create", "collection": "messages", "data": {"channel": channel}}
        )
        told = client.wait(lambda message: message["type"] == "subscription")
        assert told["meta"] == {"filter_count": 1}


def test_r77_r78_uids(scenario: Scenario, channel: str) -> None:
    """R77, R78: a used uid is taken over; unsubscribing is confirmed whatever was subscribed."""
    with scenario.client() as client:
        for wanted in (channel, f"{channel}-b"):
            query = {"fields": ["text"], "filter": {"channel": wanted}}
            client.ask({"type": "subscribe", "collection": "messages", "query": query, "uid": "u"})
        create(client, channel, "first")
        assert client.silent()
        create(client, f"{channel}-b", "second")
        assert [one["data"] for one in client.rest()] in ([[{"text": "second"}]], [])
        assert client.ask({"type": "unsubscribe", "uid": 1.5}) == {
            "type": "subscription", "event": "unsubscribe", "uid": 1.5,
        }  # fmt: skip
        assert client.ask({"type": "unsubscribe"}) == {"type": "subscription", "event": "unsubscribe"}
        create(client, f"{channel}-b", "third")
        assert client.silent()


def test_r79_r80_items(scenario: Scenario, channel: str) -> None:
    """R79, R80: one item is one object; its key is text, so only changes over HTTP match a number."""
    with scenario.client() as client:
        (key,) = create(client, channel, "a")
        subscribe = {
            "type": "subscribe",
            "collection": "messages",
            "item": key,
            "query": {"fields": ["text"]},
        }
        assert client.call({**subscribe})["data"] == {"text": "a"}
        answer = client.call({**subscribe, "item": 10**6})
        assert (answer["type"], answer["error"]["code"]) == ("subscribe", "FORBIDDEN")
        items(client, "update", id=key, data={"text": "by socket"})
        assert client.silent()
        scenario.request("PATCH", f"/items/messages/{key}", {"text": "by HTTP"}, token="alice-token")
        assert client.next()["data"] == {"text": "by HTTP"}
        scenario.request("DELETE", f"/items/messages/{key}", token="alice-token")
        assert client.next()["data"] == str(key)


def test_r81_r83_refused_subscriptions(scenario: Scenario) -> None:
    """R81, R83: FORBIDDEN with uid for what is not there; a wrong shape without uid, a bad query with it."""
    with scenario.client() as client:
        for collection in ("nothing", "directus_users"):
            answer = client.ask({"type": "subscribe", "collection": collection, "uid": 1})
            assert answer == {
                "type": "subscribe", "status": "error",
                "error": {"code": "FORBIDDEN", "message": FORBIDDEN}, "uid": 1,
            }  # fmt: skip
        for wrong in ({}, {"collection": 5}, {"collection": "messages", "event": "x"}):
            answer = client.ask({"type": "subscribe", "uid": 1, **wrong})
            assert (answer["type"], answer["error"]["code"], "uid" in answer) == (
                "subscribe", "INVALID_PAYLOAD", False,
            )  # fmt: skip
        answer = client.ask({"type": "subscribe", "collection": "messages", "query": {"limit": -5}, "uid": 1})
        assert (answer["error"]["code"], answer["uid"]) == ("INVALID_QUERY", 1)


def test_r84_r86_readings_follow_the_client(scenario: Scenario, channel: str) -> None:
    """R84, R86: readings run the read hooks, with the rights that the client has at that moment."""
    query = {"fields": ["text"], "filter": {"channel": channel}}
    with scenario.client() as writer, scenario.socket("public") as client:
        client.next()
        client.send({"type": "auth", "access_token": "alice-token"})
        client.wait(lambda message: message["type"] == "auth")
        client.call({"type": "subscribe", "collection": "messages", "query": query})
        data = {"text": "mask:x", "channel": channel}
        client.send({"type": "items", "action": "create", "collection": "messages", "data": data})
        told = client.wait(lambda message: message.get("event") == "create")
        assert told["data"] == [{"text": "***"}]
        client.rest()
        client.send({"type": "auth", "access_token": "nobody"})
        client.wait(lambda message: message["type"] == "auth")
        data = {"text": "x", "channel": channel}
        made = scenario.request("POST", "/items/messages", data, profile="public", token="alice-token")
        assert made[0] == 200
        assert client.next()["error"]["code"] == "FORBIDDEN"
        assert writer.ask({"type": "ping"}) == {"type": "pong"}


def test_notifications_of_hooks(scenario: Scenario) -> None:
    """The seed's broadcast out of an item action reaches the target alone."""
    with scenario.client() as alice, scenario.client("bob-token") as bob:
        data = {"title": "hi", "target": "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"}
        key = items(alice, "create", "notifications", data=data)["id"]
        assert bob.next() == {"type": "notification", "key": key, "data": data}
        assert alice.silent()


# HTTP ---------------------------------------------------------------------------------------------


def test_r120_items_over_http(scenario: Scenario, channel: str) -> None:
    """R120: items are read, written and deleted over HTTP, with the query in the URL."""

    def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return scenario.request(method, f"/items/messages{path}", body, token="alice-token")

    status, made = ask("POST", "?fields=id,text", {"text": "a", "channel": channel})
    assert (status, made["data"]["text"]) == (200, "a")
    key = made["data"]["id"]
    assert ask("GET", f"/{key}?fields=text") == (200, {"data": {"text": "a"}})
    url = f"?filter[channel][_eq]={channel}&fields[]=text&meta=filter_count"
    assert ask("GET", url) == (200, {"meta": {"filter_count": 1}, "data": [{"text": "a"}]})
    rules = quote(json.dumps({"channel": {"_eq": channel}}))
    assert ask("GET", f"?filter={rules}&fields=text")[1] == {"data": [{"text": "a"}]}
    search = {"query": {"filter": {"channel": {"_eq": channel}}, "fields": ["text"]}}
    assert ask("SEARCH", "", search) == (200, {"data": [{"text": "a"}]})
    assert ask("PATCH", f"/{key}?fields=likes", {"likes": 2}) == (200, {"data": {"likes": 2}})
    assert ask("PATCH", "?fields=likes", {"keys": [key], "data": {"likes": 3}})[1] == {"data": [{"likes": 3}]}
    assert ask("PATCH", "?fields=likes", [{"id": key, "likes": 4}])[1] == {"data": [{"likes": 4}]}
    changed = ask("PATCH", "?fields=likes", {"query": search["query"], "data": {"likes": 5}})
    assert changed[1] == {"data": [{"likes": 5}]}
    assert ask("DELETE", f"/{key}")[0] == 204
    error = {"message": FORBIDDEN, "extensions": {"code": "FORBIDDEN"}}
    assert ask("GET", f"/{key}") == (403, {"errors": [error]})
    assert ask("DELETE", "", {"query": search["query"]})[0] == 204
    assert ask("DELETE", "", {})[0] == 400
    assert ask("GET", "?limit=-2")[0] == 400
    assert scenario.request("GET", "/items/messages")[0] == 403
    assert scenario.request("GET", "/items/messages", token="nobody")[0] == 401
    assert scenario.request("GET", "/items/messages?access_token=rita-token")[0] == 200


def test_r4_r123_errors_over_http(scenario: Scenario) -> None:
    """R4, R123: ordinary errors are a 500 without text, but administrators see it."""
    body = {"text": "reject-plain"}
    status, answer = scenario.request("POST", "/items/messages", body, token="alice-token")
    assert (status, answer["errors"][0]["message"]) == (500, "An unexpected error occurred.")
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    answer = scenario.request("POST", "/items/messages", body, token="admin-static-token")[1]
    assert answer["errors"][0]["message"] == "reject-plain"
    status, answer = scenario.request("POST", "/items/messages", {"text": "reject"}, token="alice-token")
    assert (status, answer["errors"][0]) == (
        400, {"message": "Rejected by hook.", "extensions": {"code": "MESSAGE_REJECTED"}},
    )  # fmt: skip


def test_r124_r125_not_found_and_response(scenario: Scenario) -> None:
    """R124, R125: a hook answers for a path, or refuses; each answer is told to the response action."""
    with scenario.client() as client:
        mark = scenario.mark(client)
        assert scenario.request("GET", "/custom/teapot") == (418, {"data": "short and stout"})
        status, answer = scenario.request("GET", "/custom/fail")
        assert (status, answer["errors"][0]["extensions"]) == (400, {"code": "CUSTOM_FAIL", "seen": True})
        assert scenario.request("GET", "/custom/nothing")[0] == 404
        entries = scenario.traced(client, mark, "response", 3)
        assert [(one["path"], one["status"], one["finished"], one["duration"]) for one in entries] == [
            ("/custom/teapot", 418, True, "string"),
            ("/custom/fail", 400, True, "string"),
            ("/custom/nothing", 404, True, "string"),
        ]
        assert entries[0]["keys"] == ["duration", "event", "finished", "ip", "request", "response"]
        assert [one["codes"] for one in scenario.trace(client, mark, "request-error")] == [
            ["CUSTOM_FAIL"], ["ROUTE_NOT_FOUND"],
        ]  # fmt: skip


def test_r126_authenticate(scenario: Scenario) -> None:
    """R126: a hook says who asks."""
    made = scenario.request("POST", "/items/messages", {"text": "x"}, headers={"x-scenario-user": "bob"})
    assert made[0] == 200
    assert scenario.request("POST", "/items/messages", {"text": "x"})[0] == 403


def test_r127_r128_login(scenario: Scenario) -> None:
    """R127, R128: a login is told before and after; nobody's only after, as failed; claims may be added."""
    with scenario.client() as client:
        mark = scenario.mark(client)
        body = {"email": "rita@example.com", "password": "rita-pass-1"}
        status, answer = scenario.request("POST", "/auth/login", body)
        assert (status, sorted(answer["data"]), answer["data"]["expires"]) == (
            200, ["access_token", "expires", "refresh_token"], 900_000,
        )  # fmt: skip
        pending, done = scenario.trace(client, mark, "login")
        assert (pending["status"], pending["provider"], pending["keys"]) == (
            "pending", "default", ["event", "provider", "status", "user"],
        )  # fmt: skip
        assert (done["status"], done["user"]) == ("success", "cccccccc-cccc-4ccc-8ccc-cccccccccccc")
        (claims,) = scenario.trace(client, mark, "jwt")
        assert (claims["type"], claims["claims"]) == ("login", ["admin_access", "app_access", "id", "role"])
        again = scenario.request("POST", "/auth/refresh", {"refresh_token": answer["data"]["refresh_token"]})
        assert again[0] == 200
        assert scenario.trace(client, mark, "jwt")[1]["type"] == "refresh"
        used = scenario.request("POST", "/auth/refresh", {"refresh_token": answer["data"]["refresh_token"]})
        assert (used[0], used[1]["errors"][0]["extensions"]["code"]) == (401, "INVALID_CREDENTIALS")
        assert (
            scenario.request("POST", "/auth/logout", {"refresh_token": again[1]["data"]["refresh_token"]})[0]
            == 204
        )
        mark = scenario.mark(client)
        status, answer = scenario.request(
            "POST", "/auth/login", {"email": "nobody@example.com", "password": "x"}
        )
        assert (status, answer["errors"][0]["message"]) == (401, "Invalid user credentials.")
        (failed,) = scenario.trace(client, mark, "login")
        assert (failed["kind"], failed["status"], failed["user"]) == ("action", "fail", None)
        refused = scenario.request("POST", "/auth/login", {**body, "note": "refuse"})
        assert (refused[0], refused[1]["errors"][0]["message"]) == (400, "Not today.")
        assert scenario.request("POST", "/auth/login", {"email": "x"})[0] == 400
