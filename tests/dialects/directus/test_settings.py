"""Options of the dialect."""

from __future__ import annotations

from typing import Any

import pytest

from workbench import Workbench
from workbench.dialects.directus.settings import OPTIONS, Settings
from workbench.server.errors import InvalidOption


def test_every_option_is_a_setting() -> None:
    """The options that are offered are those that are known, and None means the usual value."""
    assert set(OPTIONS) == set(Settings.__dataclass_fields__)
    assert Settings.of(dict.fromkeys(OPTIONS)).mode == "handshake"


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "hanshake"}, {"follow": "docs"}, {"auth_timeout": 0}, {"heartbeat_period": "x"},
        {"max_clients": 0}, {"rate_limit": 1.5}, {"users": {}}, {"extensions": "x"}, {"secret": ""},
        {"access_token_ttl": True},
    ],
)  # fmt: skip
def test_values_that_cannot_be(options: dict[str, Any]) -> None:
    """Each is refused with its name, when the bench is made."""
    with pytest.raises(InvalidOption, match=next(iter(options))):
        Workbench("directus", **options)


def test_roles_alone_leave_the_usual_user_its_role() -> None:
    """Whoever names roles and no users has said nothing about the administrator."""
    own = {"name": "editor", "permissions": {"messages": "*"}}
    assert Workbench("directus", roles=[own]).mounts
    assert [role["name"] for role in Settings.of({"roles": [own]}).roles] == ["editor", "administrator"]
    assert list(Settings.of({"roles": [own], "users": []}).roles) == [own]


def test_rights_and_env() -> None:
    """Rights go by the role's id, the public's by None; extensions see no secret."""
    settings = Settings.of({"roles": [{"name": "a", "permissions": {"x": "*"}}, {"id": "i", "name": "b"}]})
    assert settings.rights == {None: {}, "a": {"x": "*"}, "i": {}, "administrator": {}}
    assert settings.env["WEBSOCKETS_REST_AUTH"] == "handshake"
    assert settings.secret not in map(str, settings.env.values())
    assert settings.secret not in repr(settings)
