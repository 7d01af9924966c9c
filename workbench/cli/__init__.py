"""The command line: ``workbench demo | lab | new | serve``.

A user's mistake is one clear line on stderr and exit code 2, never a traceback.
"""

from __future__ import annotations

from workbench.cli.errors import CommandError
from workbench.cli.main import main

__all__ = ["CommandError", "main"]
