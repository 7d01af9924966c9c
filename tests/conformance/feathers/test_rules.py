"""The rules of Feathers from outside: the scenario, its own client over three transports, and raw HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.feathers.driver import Client, Http, scenario

pytestmark = [pytest.mark.node, pytest.mark.timeout(120)]

INWARD = [
    "app.around.all>around",
    "app.list>around",
    "app.around.get>around",
    "app.before.all:before",
    "app.before.get:before",
    "svc.list>around",
    "svc.map.get>around",
    "svc.around.all.1>around",
    "svc.around.all.2>around",
    "svc.around.get.1>around",
    "svc.around.get.2>around",
    "svc.before.all.1:before",
    "svc.before.all.2:before",
    "svc.before.get.1:before",
    "svc.before.get.2:before",
    "svc.before.get.3:before",
]
OUTWARD = [
    "svc.after.all.1:after",
    "svc.after.all.2:after",
    "svc.after.get.1:after",
    "svc.after.get.2:after",
    "svc.around.get.2<",
    "svc.around.get.1<",
    "svc.around.all.2<",
    "svc.around.all.1<",
    "svc.map.get<",
    "svc.list<",
    "app.after.all:after",
    "app.after.get:after",
    "app.around.get<",
    "app.list<",
    "app.around.all<",
]
SVC_M = ["svc.error.get.1:error", "svc.error.get.2:error"]
SVC_ALL = ["svc.error.all.1:error", "svc.error.all.2:error"]
APP = ["app.error.get:error", "app.error.all:error"]


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    """Serve the scenario, and give raw requests to it."""
    with scenario() as port:
        yield Http(port)


@pytest.fixture(scope="module", params=["rest", "polling", "websocket"])
def client(request: pytest.FixtureRequest, http: Http) -> Iterator[Client]:
    """Give Feathers' client over each transport."""
    made = Client(http.port, request.param)
    yield made
    made.close()


@pytest.fixture(scope="module", params=["polling", "websocket"])
def live(request: pytest.FixtureRequest, http: Http) -> Iterator[Client]:
    """Give Feathers' client over each transport that has events, in room r1."""
    made = Client(http.port, request.param, "r1")
    made.listen("messages", "created", "updated", "patched", "removed")
    yield made
    made.close()


def inspected(client: Client, method: str, *arguments: Any) -> tuple[list[dict[str, Any]], Any]:
    """Give what the hooks of `inspect` saw of a call, and its outcome."""
    journal, outcome = client.journal("inspect", method, *arguments)
    return [entry for entry in journal if isinstance(entry, dict)], outcome


def errors(journal: list[str]) -> list[str]:
    """Give the error hooks that a journal has."""
    return [entry for entry in journal if entry.endswith(":error")]


# Order ------------------------------------------------------------------------------------------------


def test_a_call_runs_the_whole_chain_in_and_out(client: Client) -> None:
    """R1 to R8: levels, lists, maps, all and the method's own, over every transport."""
    journal, result = client.journal("trace", "get", "1")

    assert journal == [*INWARD, "method.get", *OUTWARD]
    assert result == {"id": "1"}


def test_custom_methods_and_methods_without_lists_run_what_applies(client: Client) -> None:
    """R11, R12: all lists, and their own."""
    journal, result = client.journal("trace", "shout", {"text": "abc"})
    found, _ = client.journal("trace", "find")

    assert result == {"shouted": "ABC"}
    assert "svc.before.shout:before" in journal
    assert "svc.before.get.1:before" not in journal
    assert found == [
        entry for entry in [*INWARD, "method.find", *OUTWARD] if ".get" not in entry or entry == "method.find"
    ]


# Short circuits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["svc.before.get.1", "app.before.all", "svc.around.all.1", "app.list"])
def test_a_result_that_is_set_skips_the_method_alone(client: Client, label: str) -> None:
    """R13, R14: all other hooks run."""
    journal, result = client.journal("trace", "get", "1", short=label)

    assert journal == [*INWARD, *OUTWARD]
    assert result == {"short": label}


def test_null_is_a_result(client: Client) -> None:
    """R17: that it is there counts, not what it is."""
    journal, result = client.journal("trace", "get", "1", none="svc.before.get.1")

    assert "method.get" not in journal
    assert result is None


def test_a_hook_that_never_calls_next_skips_what_is_inside(client: Client) -> None:
    """R15, R16: outer layers end as usual; without a result there is none."""
    journal, outcome = client.journal("trace", "get", "1", skip="svc.around.get.1")

    assert journal == [*INWARD[:10], *OUTWARD[6:]]
    if client.transport == "rest":
        assert outcome["error"]["code"] == 404
    else:
        assert outcome is None


def test_a_second_next_fails_and_the_method_ran_once(client: Client) -> None:
    """R18: with Feathers' sentence."""
    journal, outcome = client.journal("trace", "get", "1", twice="svc.around.get.1")

    assert journal.count("method.get") == 1
    assert "svc.around.get.1!next() called multiple times" in journal
    assert outcome["error"]["message"] == "next() called multiple times"


@pytest.mark.parametrize("label", ["svc.before.get.2", "svc.after.get.1", "app.after.all"])
def test_what_a_hook_returns_is_merged(client: Client, label: str) -> None:
    """R20, and R19: what an around hook returns is ignored, in every call here."""
    _, result = client.journal("trace", "get", "1", merge=label)

    assert result == {"merged": label}


# Errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "reached"),
    [
        ("method", [*SVC_M, *SVC_ALL, *APP]),
        ("svc.before.get.2", [*SVC_M, *SVC_ALL, *APP]),
        ("svc.before.all.1", [*SVC_ALL, *APP]),
        ("svc.after.all.1", [*SVC_M, *SVC_ALL, *APP]),
        ("svc.after.get.2", [*SVC_M, *SVC_ALL, *APP]),
        ("svc.around.get.1", APP),
        ("svc.map.get", APP),
        ("svc.list", APP),
        ("app.before.all", APP[1:]),
        ("app.before.get", APP),
        ("app.after.get", APP),
        ("app.after.all", APP),
        ("app.around.all", []),
    ],
)
def test_an_error_reaches_the_layers_around_it(client: Client, label: str, reached: list[str]) -> None:
    """R22 to R28."""
    journal, outcome = client.journal("trace", "get", "1", fault=label)

    assert errors(journal) == reached
    assert outcome["error"]["name"] == "BadRequest"
    assert outcome["error"]["message"] == f"fault at {label}"


def test_around_hooks_that_fail_after_next_are_no_business_of_their_own_level(client: Client) -> None:
    """R25, R28."""
    inside, _ = client.journal("trace", "get", "1", faultafter="svc.around.all.2")
    outside, _ = client.journal("trace", "get", "1", faultafter="app.around.get")

    assert errors(inside) == APP
    assert errors(outside) == []


def test_an_error_hook_may_put_another_error_in_place(client: Client) -> None:
    """R29: later hooks and the caller see it."""
    journal, outcome = client.journal("trace", "get", "1", fault="method", replace="svc.error.get.1")

    assert errors(journal) == [*SVC_M, *SVC_ALL, *APP]
    assert "app.around.all!replaced at svc.error.get.1" in journal
    assert outcome["error"]["name"] == "Conflict"


def test_an_error_hook_that_raises_ends_its_list(client: Client) -> None:
    """R30: the new error goes outward to the next layer."""
    journal, outcome = client.journal("trace", "get", "1", fault="method", refault="svc.error.get.1")

    assert errors(journal) == [SVC_M[0], *SVC_ALL, *APP]
    assert outcome["error"]["message"] == "fault at svc.error.get.1"


@pytest.mark.parametrize(
    ("label", "reached"),
    [("svc.error.get.1", SVC_M), ("svc.error.all.1", [*SVC_M, *SVC_ALL]), ("app.error.get", None)],
)
def test_an_error_hook_with_a_result_swallows_the_error(
    client: Client, label: str, reached: list[str] | None
) -> None:
    """R31: the rest of its list runs, outer error lists do not, outer after hooks do."""
    journal, result = client.journal("trace", "get", "1", fault="method", swallow=label)

    assert result == {"swallowed": "fault at method"}
    assert errors(journal) == ([*SVC_M, *SVC_ALL, APP[0]] if reached is None else reached)
    assert ("app.after.all:after" in journal) == (reached is not None)
    assert not any(entry.startswith("svc.after") for entry in journal)


def test_null_swallows_too(client: Client) -> None:
    """R31."""
    _, result = client.journal("trace", "get", "1", fault="method", none="svc.error.all.2")

    assert result is None


def test_an_around_hook_may_rescue(client: Client) -> None:
    """R34: it sets a result and returns."""
    journal, result = client.journal("trace", "get", "1", fault="method", rescue="svc.around.get.2")

    assert result == {"rescued": "fault at method"}
    assert journal[-11:] == ["svc.around.get.2!fault at method", *OUTWARD[-10:]]


def test_the_type_is_put_back_unless_the_hook_raised(client: Client) -> None:
    """R36: after hooks of the application know their own type."""
    journal, _ = client.journal("trace", "get", "1")

    assert {entry.split(":")[1] for entry in journal if ":" in entry} == {"before", "after"}


# Context ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "arguments"), [("get", ["1"]), ("create", [{"a": 1}]), ("find", [])])
def test_what_before_hooks_put_in_place_reaches_the_method(
    client: Client, method: str, arguments: list[Any]
) -> None:
    """R41: id, data and params."""
    _, result = client.journal("trace", method, *arguments, mutate="svc.before.all.1")

    if method == "get":
        assert result == {"id": "mutated", "sawParams": True}
    elif method == "create":
        assert result == {"a": 1, "mutated": True, "sawParams": True}
    else:
        assert result == [{"n": 1}, {"n": 2}]


def test_an_after_hook_may_change_the_result(client: Client) -> None:
    """As a copy."""
    assert client.journal("trace", "get", "1", mutate="svc.after.get.1")[1] == {"id": "1", "mutated": True}


def test_every_hook_sees_the_same_context(client: Client) -> None:
    """R35, R39, R40, R45: members persist through the call; what is absent is told as null."""
    journal, _ = inspected(client, "get", "7")
    failed, outcome = inspected(client, "get", "bad")

    assert [(entry["type"], entry["seen"], entry["result"]) for entry in journal] == [
        ("around", 0, None),
        ("before", 1, None),
        ("after", 2, {"id": "7"}),
    ]
    assert {
        (entry["method"], entry["path"], entry["sameApp"], entry["sameService"]) for entry in journal
    } == {("get", "inspect", True, True)}
    provider = "rest" if client.transport == "rest" else "socketio"
    assert {entry["provider"] for entry in journal} == {provider}
    assert [(entry["type"], entry["error"]) for entry in failed][-1] == ("error", "gone")
    assert outcome["error"]["name"] == "Gone"


def test_event_is_preset_by_the_method(client: Client) -> None:
    """R40, R50."""
    created, _ = inspected(client, "create", {"a": 1})
    found, _ = inspected(client, "find")

    assert {entry["event"] for entry in created} == {"created"}
    assert {entry["event"] for entry in found} == {None}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "internal",
            {"method": "get", "id": 7, "query": {}, "provider": None, "route": None,
             "hasHeaders": False, "hasConnection": False},
        ),
        (
            "lifecycle",
            ["setup.1>", "setup.2>", "setup one at one", "setup two at two", "setup.2<", "setup.1<",
             "setup late at late", "teardown late at late",
             "teardown.1>", "teardown one at one", "teardown two at two", "teardown.1<"],
        ),
        ("dynamic", ["first", "method", "|", "first", "late", "method", "late"]),
        ("swallowed", [["after", "lost"], {"ok": True}]),
        (
            "events",
            ["app exit", ["created", {"n": 1}, "create"], "app exit", ["other", {"n": 2}, "create"],
             "app exit", ["other", {"id": 3}, "get"], "app exit", ["status", {"n": 5}, None]],
        ),
        ("context", ["app", "service", "path", "method", "type", "id", "params", "event", "arguments"]),
        (
            "invalid",
            dict.fromkeys(
                ["unknownHookType", "unknownMethodMap", "noMethods", "protectedName", "missingCustom",
                 "unknownService", "unknownEvent"],
                True,
            ),
        ),
    ],
)  # fmt: skip
def test_what_happens_inside_the_server(client: Client, name: str, told: Any) -> None:
    """R9, R10, R44, R45, R48 to R54, R65, R66, R68."""
    assert client.call("probe", "get", name) == told


def test_the_original_is_what_was_there_before_the_error(client: Client) -> None:
    """R33."""
    seen, message = client.call("probe", "get", "original")

    assert seen == {"type": "error", "originalType": "after", "originalResult": {"id": 1}, "hasResult": False}
    assert message == "after failed"


def test_services_come_and_go_while_serving(client: Client) -> None:
    """R67."""
    path = client.call("probe", "get", "late")["path"]
    found = client.call(path, "find")
    gone = client.call("probe", "get", "unuse")
    after = client.call(path, "find")

    assert found == {"path": path}
    assert gone == {"path": path}
    assert after["error"]["code"] == 404


def test_setup_hooks_were_around_the_setup_of_services(client: Client) -> None:
    """R65: when the server began."""
    assert client.call("setuplog", "get", "1") == [
        "app.setup.1>", "app.setup.2>", "setup setuplog at setuplog", "app.setup.2<", "app.setup.1<",
    ]  # fmt: skip


# Errors as clients see them ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [("BadRequest", 400), ("NotAuthenticated", 401), ("PaymentError", 402), ("Forbidden", 403),
     ("NotFound", 404), ("MethodNotAllowed", 405), ("NotAcceptable", 406), ("Timeout", 408),
     ("Conflict", 409), ("Gone", 410), ("LengthRequired", 411), ("Unprocessable", 422),
     ("TooManyRequests", 429),
     ("GeneralError", 500), ("NotImplemented", 501), ("BadGateway", 502), ("Unavailable", 503)],
)  # fmt: skip
def test_the_client_turns_errors_into_their_classes(client: Client, name: str, code: int) -> None:
    """R109, R111: by name, with code and class name."""
    error = client.call("failures", "get", name)["error"]

    assert (error["name"], error["code"], error["message"]) == (name, code, f"This is {name}")


def test_data_and_errors_travel(client: Client) -> None:
    """R110: a list may be data, and an error of one's own keeps its name."""
    with_data = client.call("failures", "get", "data")["error"]
    with_list = client.call("failures", "get", "list")["error"]
    own = client.call("failures", "get", "own")["error"]

    assert (with_data["data"], with_data["errors"]) == ({"field": "text"}, [{"path": "text"}])
    assert with_list["data"] == [1, 2]
    assert own["message"] == "own failure"


def test_a_plain_error_tells_its_message_and_no_more(client: Client, http: Http) -> None:
    """R89, R106: never a stack."""
    error = client.call("failures", "get", "plain")["error"]
    raw = http("GET", "/failures/plain")

    assert error["message"] == "plain failure"
    assert (raw.status, raw.json["message"]) == (500, "plain failure")
    assert b"Traceback" not in raw.body
    assert "stack" not in raw.json


# REST -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "path", "body", "method", "status"),
    [
        ("GET", "/echo", None, "find", 200),
        ("GET", "/echo/5", None, "get", 200),
        ("POST", "/echo", {"a": 1}, "create", 201),
        ("POST", "/echo/5", {"a": 1}, "create", 201),
        ("PUT", "/echo/5", {"a": 1}, "update", 200),
        ("PUT", "/echo", {"a": 1}, "update", 200),
        ("PATCH", "/echo/5", {"a": 1}, "patch", 200),
        ("PATCH", "/echo", {"a": 1}, "patch", 200),
        ("DELETE", "/echo/5", None, "remove", 200),
        ("DELETE", "/echo", None, "remove", 200),
    ],
)
def test_verb_and_id_choose_the_method(
    http: Http, verb: str, path: str, body: Any, method: str, status: int
) -> None:
    """R70, R71, R72, R87."""
    answer = http(verb, path, body)
    told = answer.json

    assert (answer.status, told["method"], told["provider"]) == (status, method, "rest")
    assert told.get("data") == body
    if method in ("get", "update", "patch", "remove"):
        assert told["id"] == ("5" if path.endswith("5") else None)
    assert (told["hasHeaders"], told["hasConnection"], told["route"]) == (True, False, {})
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    ("id_", "status", "body"),
    [("null", 204, None), ("zero", 204, None), ("false", 204, None), ("empty", 204, None),
     ("number", 200, 42), ("true", 200, True), ("list", 200, []), ("object", 200, {})],
)  # fmt: skip
def test_falsy_bodies_are_no_content(http: Http, id_: str, status: int, body: Any) -> None:
    """R72, R76: empty lists and objects are bodies like any other."""
    answer = http("GET", f"/values/{id_}")

    assert (answer.status, answer.json) == (status, body)


@pytest.mark.parametrize(
    ("mode", "status", "body", "location"),
    [
        ("status", 202, {"id": "status"}, None),
        ("statuscode", 203, {"id": "statuscode"}, None),
        ("location", 303, {"id": "location"}, "/some%20where"),
        ("moved", 301, {"id": "moved"}, "/moved"),
        ("dispatch", 200, {"safe": True}, None),
        ("hollow", 200, {}, None),
        ("hollowlist", 200, [], None),
        ("nothing", 204, None, None),
    ],
)
def test_http_members_and_dispatch_shape_the_answer(
    http: Http, mode: str, status: int, body: Any, location: str | None
) -> None:
    """R73, R75, R76."""
    answer = http("GET", f"/gateway/{mode}")

    assert (answer.status, answer.json, answer.headers.get("location")) == (status, body, location)


def test_headers_of_http_are_added(http: Http) -> None:
    """R74; and http settings win for a create too."""
    assert http("GET", "/gateway/headers").headers["x-scenario"] == "yes"
    assert http("POST", "/gateway", {"mode": "status"}).status == 202
    assert http("POST", "/gateway", {"mode": "nothing"}).status == 204


def test_custom_methods_are_posts_with_a_header(http: Http) -> None:
    """R77, R78."""
    poked = http("POST", "/echo", {"a": 1}, x_service_method="poke")

    assert (poked.status, poked.json["method"], poked.json["data"]) == (200, "poke", {"a": 1})
    assert http("GET", "/echo", x_service_method="poke").json["method"] == "find"
    for name in ("find", "create", "Poke", "nope"):
        assert http("POST", "/echo", {}, x_service_method=name).status == 405
    assert http("GET", "/echo", x_service_method="create").status == 405


def test_what_is_not_served_is_refused_in_feathers_format(http: Http) -> None:
    """R79 to R82: methods, verbs, paths and their case."""
    refused = http("GET", "/limited/1")

    assert (refused.status, refused.json["name"]) == (405, "MethodNotAllowed")
    assert refused.json["className"] == "method-not-allowed"
    for verb in ("OPTIONS", "PROPFIND"):
        assert http(verb, "/echo").status == 405
    for path in ("/nowhere", "/Echo", "/"):
        missing = http("GET", path)
        assert (missing.status, missing.json["name"]) == (404, "NotFound")
    assert http("GET", "/echo/").json["method"] == "find"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a=1&b=x+y", {"a": "1", "b": "x y"}),
        ("a[b][c]=1", {"a": {"b": {"c": "1"}}}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[1]=x&a[0]=y", {"a": ["y", "x"]}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("a=1&a[b]=2", {"a": ["1", {"b": "2"}]}),
        ("a[$in][0]=1", {"a": {"$in": ["1"]}}),
        ("a[b][c][d][e][f][g]=1", {"a": {"b": {"c": {"d": {"e": {"f": {"[g]": "1"}}}}}}}),
        ("a", {"a": ""}),
    ],
)
def test_queries_are_nested_and_their_leaves_texts(http: Http, text: str, query: Any) -> None:
    """R83: as qs reads them."""
    assert http("GET", f"/echo?{text}").json["query"] == query


def test_long_lists_become_objects(http: Http) -> None:
    """As on koa: beyond twenty entries."""
    twenty = "&".join(f"a[]={number}" for number in range(20))

    assert http("GET", f"/echo?{twenty}").json["query"]["a"] == [str(number) for number in range(20)]
    longer = http("GET", f"/echo?{twenty}&a[]=20").json["query"]["a"]
    assert longer == {str(number): str(number) for number in range(21)}


def test_placeholders_and_raw_ids(http: Http) -> None:
    """R84, R86, R90, R91: routes, HEAD, ids that stay encoded, and JSON that is none."""
    told = http("GET", "/users/9/echo/4").json

    assert (told["route"], told["id"]) == ({"userId": "9"}, "4")
    head = http("HEAD", "/echo")
    assert (head.status, head.body) == (200, b"")
    assert http("GET", "/echo/a%20b").json["id"] == "a%20b"
    assert http("POST", "/echo", text="{broken").status == 500


# Socket.IO --------------------------------------------------------------------------------------------


def test_calls_from_sockets_carry_their_connection(live: Client) -> None:
    """R92 to R94, R100 to R102, R108: types survive, paths are routed."""
    told = live.call("echo", "get", 5, {"query": {"n": 1, "b": True, "x": None}})

    assert told["id"] == 5
    assert told["query"] == {"n": 1, "b": True, "x": None}
    assert (told["provider"], told["hasHeaders"], told["hasConnection"]) == ("socketio", True, True)
    assert live.call("users/9/echo", "find")["route"] == {"userId": "9"}
    assert live.emit("find", "/echo/")[1]["method"] == "find"  # type: ignore[index]
    assert live.emit("patch", "echo", None, {"a": 1})[1]["id"] is None  # type: ignore[index]


@pytest.mark.parametrize(
    ("packet", "name"),
    [
        (["find", "echo", {}, {}], "BadRequest"),
        (["get", "echo", 1, {}, {}], "BadRequest"),
        (["create", "echo", {}, {}, {}], "BadRequest"),
        (["update", "echo", 1, {}, {}, {}], "BadRequest"),
        (["get", "nowhere", 1], "NotFound"),
        (["get", 5, 1], "NotFound"),
        (["get", None, 1], "NotFound"),
        (["get", "limited", 1], "MethodNotAllowed"),
        (["poke", "messages", {}], "MethodNotAllowed"),
        (["no_such_method", "echo", 1], "MethodNotAllowed"),
        (["get"], "NotFound"),
    ],
)
def test_packets_that_make_no_call_are_refused(live: Client, packet: list[Any], name: str) -> None:
    """R93, R95 to R98: each with one argument, also where the original never answers."""
    ack = live.emit(*packet)

    assert ack is not None
    assert len(ack) == 1
    assert ack[0]["name"] == name


def test_the_acknowledgement_is_dispatch_or_result(live: Client) -> None:
    """R103, R104: a falsy dispatch counts as none; http settings do nothing."""
    assert live.emit("get", "gateway", "dispatch") == [None, {"safe": True}]
    assert live.emit("get", "gateway", "hollow") == [None, {}]
    assert live.emit("get", "gateway", "nothing") == [None, {"id": "nothing"}]
    assert live.emit("get", "gateway", "status") == [None, {"id": "status"}]
    assert live.emit("get", "values", "zero") == [None, 0]


# Events -----------------------------------------------------------------------------------------------


def test_changes_are_told_to_those_who_listen(live: Client) -> None:
    """R49, R58 to R61, R63: once each, with the data of the first channel; what fails tells nothing."""
    one = live.call("messages", "create", {"text": "a", "secret": "s"})
    live.call("messages", "create", {"text": "b", "room": "r1"})
    live.call("messages", "create", {"text": "c", "room": "elsewhere"})
    live.call("messages", "create", {"text": "d", "mute": True})
    live.call("messages", "create", {"text": "e"}, {"query": {"noevent": "svc.before.all"}})
    live.call("messages", "create", {"text": "f"}, {"query": {"fault": "method"}})
    live.call("messages", "update", one["id"], {"text": "u"})  # its publisher raises (R61)
    live.call("messages", "patch", one["id"], {"text": "p"})
    live.call("messages", "remove", one["id"])

    assert live.heard(4) == [
        ("messages created", {"text": "a", "id": one["id"]}),
        ("messages created", {"text": "b", "room": "r1", "id": one["id"] + 1}),
        ("messages patched", {"text": "p", "id": one["id"]}),
        ("messages removed", {"id": one["id"], "gone": True}),
    ]
    assert live.nothing_more()


def test_lists_are_told_element_by_element(live: Client) -> None:
    """R49, R112: each with its own dispatch, never with what dispatch leaves out."""
    made = live.call("messages", "create", [{"text": "l1", "secret": 1}, {"text": "l2"}])

    assert [record["text"] for record in made] == ["l1", "l2"]
    heard = live.heard(2)
    assert [data["text"] for _, data in heard] == ["l1", "l2"]
    assert all("secret" not in data for _, data in heard)
    assert live.call("messages", "create", []) == []
    assert live.nothing_more()


def test_a_swallowed_error_tells_its_replacement(live: Client) -> None:
    """R53."""
    live.call("messages", "create", {"f": 1}, {"query": {"fault": "method", "swallow": "svc.error.create"}})

    assert live.heard(1) == [("messages created", {"swallowed": "fault at method"})]


def test_ones_own_event_comes_ahead_of_the_answer(live: Client) -> None:
    """R48, R105."""
    assert "messages created" in live.order("messages", "create", {"text": "order"})
    live.heard(1)


def test_only_events_of_the_service_are_told(live: Client) -> None:
    """R52, R64: its own by hand, others to nobody."""
    live.listen("pinger", "pinged", "silent")

    assert live.call("pinger", "ping", {"from": "x"}) == {"sent": True}
    assert live.heard(1) == [("pinger pinged", {"from": "x"})]
    assert live.nothing_more()


def test_clients_hear_of_changes_made_over_rest(live: Client, http: Http) -> None:
    """And those who have gone are in no channel any more (R56)."""
    passing = Client(http.port, "websocket", "r1")
    passing.close()
    made = http("POST", "/messages", {"text": "rest"}).json

    assert live.heard(1) == [("messages created", {"text": "rest", "id": made["id"]})]


def test_slow_calls_do_not_hold_up_others(http: Http) -> None:
    """R43: they share nothing."""
    begun = time.perf_counter()
    client = Client(http.port, "websocket")
    try:
        slow = http("GET", "/trace/1?delay=50&rid=slow1")
        assert slow.json == {"id": "1"}
        assert client.call("trace", "get", 2) == {"id": 2}
    finally:
        client.close()
    assert time.perf_counter() - begun < 10
