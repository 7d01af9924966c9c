"""What clients may send: the module ``templates`` of a dialect's folder.

Its ``TEMPLATES`` are messages to try in the console, label and text (or bytes) of each; ``TRAFFIC`` names
what simulated clients send.

A template is a mapping that JSON can carry, since it goes to another process:

- ``transport``: ``websocket``, ``http`` or ``hocuspocus``, and the ``path`` at which to connect or to ask;
- ``messages``: the texts (bodies of requests) to send in turn; ``$client``, ``$n`` and ``$id`` stand for the
  client's number, the message's number and an id of both; an answer that holds no id answers the oldest that
  waits;
- of WebSockets, where they need it: ``hello`` (texts to begin with), ``protocols``, ``replies`` (what to
  answer to what the server asks), ``answer`` (a pattern whose group is the number of the message that is
  answered), ``refusal`` (a pattern: answers that say no);
- of Hocuspocus: ``document`` and ``token``;
- of HTTP: ``method`` and ``headers``.
"""

from __future__ import annotations

__all__ = ["Template", "messages_of", "templates_of"]

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from workbench.dialects import DIALECTS

Template = Mapping[str, Any]


def templates_of(dialect: str) -> Mapping[str, Template]:
    """Give the templates of a dialect by name; none where it has no such module."""
    found: Mapping[str, Template] = _named(dialect, "TRAFFIC", {})
    return found


def messages_of(dialect: str) -> Sequence[tuple[str, str | bytes]]:
    """Give the messages of a dialect to try, the first one first; none where it has no such."""
    found: Sequence[tuple[str, str | bytes]] = _named(dialect, "TEMPLATES", ())
    return found


def _named(dialect: str, name: str, otherwise: Any) -> Any:
    module = f"{DIALECTS[dialect]}.templates"
    return getattr(import_module(module), name, otherwise) if find_spec(module) is not None else otherwise
