"""What simulated clients may send: the module ``templates`` of a dialect's folder names it in ``TRAFFIC``.

A template is a mapping that JSON can carry, since it goes to another process:

- ``transport``: ``websocket``, ``http`` or ``hocuspocus``, and the ``path`` at which to connect or to ask;
- ``messages``: the texts (bodies of requests) to send in turn; ``$client``, ``$n`` and ``$id`` stand for the
- ``transport``: ``websocket``, ``http`` or ``hocuspocus``, and the ``path`` at which to connect or ask;
  id answers the oldest that waits;
- of WebSockets, where they need it: ``hello`` (texts to begin with), ``protocols``, ``replies`` (what to
  answer to what the server asks), ``answer`` (a pattern whose group is the number of the message that is
  answered), ``refusal`` (a pattern: answers that say no);
- of Hocuspocus: ``document`` and ``token``;
- of HTTP: ``method`` and ``headers``.
"""

from __future__ import annotations

__all__ = ["Template", "templates_of"]

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from workbench.dialects import DIALECTS

Template = Mapping[str, Any]


def templates_of(dialect: str) -> Mapping[str, Template]:
    """Give the templates of a dialect by name; none where it has no such module."""
    module = f"{DIALECTS[dialect]}.templates"
    return getattr(import_module(module), "TRAFFIC", {}) if find_spec(module) is not None else {}
