"""The guide's chat in Python serves Feathers' own client: over REST, polling and WebSocket alike."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.feathers import registration

HERE = Path(__file__).parent

pytestmark = [pytest.mark.node, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the chat."""
    registration.chat.start()
    yield str(registration.chat.url).rstrip("/")
    registration.chat.stop()


@pytest.fixture(scope="module", params=["rest", "polling", "websocket"])
def seen(request: pytest.FixtureRequest, url: str) -> dict[str, Any]:
    """Give what the client saw over one transport."""
    done = subprocess.run(
        ["node", str(HERE / "login.mjs"), url, request.param],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    told["transport"] = request.param
    return told


def test_a_stranger_is_not_authenticated(seen: dict[str, Any]) -> None:
    """With Feathers' sentence."""
    error = {
        "name": "NotAuthenticated",
        "code": 401,
        "className": "not-authenticated",
        "message": "Not authenticated",
    }

    assert seen["stranger"] == {"error": error}
    assert seen["afterwards"] == {"error": error}


def test_a_registered_user_comes_back_without_password(seen: dict[str, Any]) -> None:
    """Neither at the registration nor at a login or a get."""
    user = {"email": f"{seen['transport']}@example.com", "id": seen["register"]["result"]["id"]}

    assert seen["register"]["result"] == user
    assert seen["login"]["result"]["user"] == user
    assert seen["me"]["result"] == user


def test_data_that_does_not_fit_is_told_in_ajvs_words(seen: dict[str, Any]) -> None:
    """As the data of a BadRequest."""
    assert seen["invalid"]["error"]["data"] == [
        {
            "instancePath": "",
            "schemaPath": "#/additionalProperties",
            "keyword": "additionalProperties",
            "params": {"additionalProperty": "admin"},
            "message": "must NOT have additional properties",
        }
    ]
    assert seen["empty"]["error"]["code"] == 400
    assert seen["operator"]["error"]["message"] == "validation failed"


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("wrong", "Invalid login"),
        ("injection", "Invalid login"),
        ("unknown", "Invalid authentication information (strategy not allowed in authStrategies)"),
        ("forged", "invalid signature"),
    ],
)
def test_a_login_that_does_not_hold_is_refused(seen: dict[str, Any], what: str, message: str) -> None:
    """All of them are NotAuthenticated."""
    assert seen[what]["error"]["name"] == "NotAuthenticated"
    assert seen[what]["error"]["message"] == message


def test_a_login_gives_a_token_and_its_payload(seen: dict[str, Any]) -> None:
    """And a token gives the same user again, also to another client."""
    login = seen["login"]["result"]

    assert login["authentication"]["strategy"] == "local"
    assert login["authentication"]["payload"]["sub"] == str(login["user"]["id"])
    for what in ("reAuthenticate", "again"):
        assert seen[what]["result"]["user"] == login["user"]
        assert seen[what]["result"]["accessToken"] == login["accessToken"]
        assert seen[what]["result"]["authentication"]["strategy"] == "jwt"


def test_messages_carry_their_writer(seen: dict[str, Any]) -> None:
    """Resolved on the way out, in its own external form."""
    user = seen["register"]["result"]
    created = seen["create"]["result"]

    assert (created["text"], created["userId"], created["user"]) == ("hello", user["id"], user)
    assert isinstance(created["createdAt"], int)
    assert seen["find"]["result"]["data"] == [{"text": "hello", "user": user}]


def test_others_do_not_change_ones_messages(seen: dict[str, Any]) -> None:
    """The query resolver keeps them apart."""
    assert seen["foreign"]["error"]["name"] == "NotFound"
    assert seen["patch"]["result"]["text"] == "hello again"


def test_a_logout_gives_what_the_login_gave(seen: dict[str, Any]) -> None:
    """The client forgets its token then."""
    assert seen["logout"]["result"]["user"] == seen["register"]["result"]


def test_those_who_are_logged_in_hear_of_messages(seen: dict[str, Any]) -> None:
    """Once, in the form that clients get; over REST the client tells itself of what it created."""
    assert seen["events"] == [seen["create"]["result"]]
