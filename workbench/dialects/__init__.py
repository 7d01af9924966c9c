"""The hook systems that the workbench speaks, loaded on first use.

A new one is a folder beside the others and one line in `DIALECTS`.
"""

from __future__ import annotations

__all__ = ["DIALECTS", "load"]

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.dialects.base import Dialect

DIALECTS = {
    "crossws": "workbench.dialects.crossws",
    "hocuspocus": "workbench.dialects.hocuspocus",
    "feathers": "workbench.dialects.feathers",
    "directus": "workbench.dialects.directus",
    "wookie": "workbench.dialects.wookie",
}
"""Module of each dialect; it holds the dialect as `DIALECT`."""


def load(name: str) -> Dialect:
    """Import a dialect.

    Parameters
    ----------
    name
        One of `DIALECTS`.

    Returns
    -------
    Dialect
        What the module exports as `DIALECT`.

    Raises
    ------
    UnknownDialect
        For another name, with the names that there are.

    """
    module = DIALECTS.get(name) if isinstance(name, str) else None
    if module is None:
        from workbench.engine.errors import UnknownDialect, near

        raise UnknownDialect(f"There is no dialect {name!r}{near(str(name), DIALECTS)}")
    dialect: Dialect = import_module(module).DIALECT
    return dialect
