"""A Jupyter-integrated, interactive workbench for server hooks."""

from __future__ import annotations

__version__ = "0.1.0"
