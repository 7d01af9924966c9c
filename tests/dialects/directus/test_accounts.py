"""Users, roles and rights."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from workbench.dialects.directus.accounts import Accounts, Rights
from workbench.engine.errors import WorkbenchError
from workbench.store import Database

ROLES: list[dict[str, Any]] = [{"id": "r1", "name": "editor"}, {"name": "boss", "admin": True}]


def test_secrets_are_stored_as_hashes(tmp_path: Path) -> None:
    """Neither passwords nor tokens are in the file; looking up works by mail, token and id."""
    file = tmp_path / "users.db"
    database = Database(f"sqlite:///{file}")
    users = [{"email": "A@x.org", "password": "word-of-pass", "token": "static-token", "role": "editor"}]
    accounts = Accounts(database, ROLES, users)
    database.run_blocking(accounts.prepare)
    database.run_blocking(Accounts(database, ROLES, users).prepare)  # again: the same user

    async def scene() -> None:
        found = await accounts.by_email("a@X.ORG")
        assert found is not None
        assert found.role is not None
        assert (found.role.name, found.role.admin_access) == ("editor", False)
        assert await accounts.by_token("static-token") == await accounts.by_id(found.id) == found
        assert await accounts.by_token("other") is None
        refresh = await accounts.new_session(found.id, 60)
        gone = await accounts.new_session(found.id, -1)
        assert await accounts.end_session(gone) is None
        assert await accounts.end_session(refresh) == found.id
        assert await accounts.end_session(refresh) is None

    asyncio.run(scene())
    database.close()
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT * FROM directus_users").fetchall()
    connection.close()
    assert len(rows) == 1
    assert b"word-of-pass" not in file.read_bytes()
    assert b"static-token" not in file.read_bytes()


def test_rights() -> None:
    """Roles add up; the public's are for those who are nobody; an administrator and the system may all."""
    rights = Rights({None: {"bulletin": "read"}, "r1": {"messages": "*"}, "r2": {"bulletin": ["create"]}})
    nobody: dict[str, Any] = {"user": None, "role": None, "roles": []}
    assert rights.allow(None, "anything", "delete")
    assert rights.allow({"admin": True}, "anything", "delete")
    assert rights.allow(nobody, "bulletin", "read")
    assert not rights.allow(nobody, "bulletin", "create")
    assert rights.allow({"user": "u", "role": "r1", "roles": ["r1", "r2"]}, "bulletin", "create")
    assert not rights.allow({"user": "u", "role": None, "roles": []}, "bulletin", "read")


@pytest.mark.parametrize(
    ("roles", "users", "text"),
    [
        ([{}], [], "A role has a name"),
        ([{"name": "x", "permissons": {}}], [], "did you mean"),
        ([4], [], "A role is a mapping"),
        ([], [{"role": "nobody"}], "There is no role 'nobody' for a user"),
        ([], [{"id": "ada", "role": "nobody"}], "There is no role 'nobody' for ada"),
        ([], [{"email": 4}], "The email of a user is a text"),
        ([], [{"name": "x"}], "A user has no 'name'"),
    ],
)
def test_refused(roles: Any, users: Any, text: str) -> None:
    """What cannot be a role or a user is refused in one sentence."""
    with pytest.raises(WorkbenchError, match=text):
        Accounts(Database(), roles, users)


def test_rights_that_are_none() -> None:
    """Unknown actions and what is no mapping are refused."""
    wrong: Any
    for wrong in ({"x": ["reed"]}, []):
        with pytest.raises(WorkbenchError, match="rights"):
            Rights({None: wrong})
