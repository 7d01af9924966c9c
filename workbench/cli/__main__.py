"""``python -m workbench.cli`` is the ``workbench`` command."""

from __future__ import annotations

import sys

from workbench.cli.main import main

sys.exit(main())
