"""What looks like a secret in a text of Python."""

from __future__ import annotations

import pytest

from workbench.bench.secrecy import looks_secret, secrets_in


@pytest.mark.parametrize(
    "name",
    ["secret", "SECRET", "client_secret", "jwtToken", "TOKENS", "password", "db_passwd", "API_KEY", "apiKey",
     "private_key", "KEY", "credentials", "HTTPToken", "pwd"],
)  # fmt: skip
def test_a_name_tells_by_its_last_word(name: str) -> None:
    """However its words are put together."""
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name", ["", "_", "key", "primary_key", "keyboard", "monkey", "token_ttl", "passwordField", "author", "ü"]
)
def test_other_names_tell_nothing(name: str) -> None:
    """A key alone is mostly one of a dict; a field is no password."""
    assert not looks_secret(name)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("SECRET = 'x'", "SECRET"),
        ("auth.secret: str = b'x'", "secret"),
        ("users['password'] = f'{name}-pass'", "password"),
        ("bench = Workbench('feathers', secret='x' + tail)", "secret"),
        ("user = {'name': 'ada', 'password': 'x'}", "password"),
        ("def ask(url, token='x', *, api_key='y'): ...", "token, api_key"),
        ("if headers.get('token') == 'x': ...", "token"),
        ("if 'x' != query['apiKey']: ...", "apiKey"),
        ("TOKENS = {'x': 'ada'}", "TOKENS"),
        ("if (pwd := 'x'): ...", "pwd"),
        ("PASSWORD = SECRET = 'x'\nSECRET = 'y'", "PASSWORD, SECRET"),
    ],
)
def test_a_text_under_such_a_name_is_found(line: str, named: str) -> None:
    """Wherever a text can have a name; each name once, in the order of the file."""
    assert ", ".join(secrets_in(line)) == named


@pytest.mark.parametrize(
    "line",
    [
        "SECRET = os.environ['SECRET']",
        "token = ''",
        "token = None",
        "token = f'{first}{second}'",
        "schema = {'password': {'type': 'string'}}",
        "def ask(token, password=None): ...",
        "if token: ...",
        "'token: x'",
        "f(**{'a': 1}, **more)",
        "names = ['secret']",
    ],
)
def test_what_is_looked_up_where_it_runs_is_none(line: str) -> None:
    """Nor is an empty text, a schema, or a text that speaks of a secret."""
    assert secrets_in(line) == []
