"""How Jupyter finds the extension, and that finding it costs little."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import workbench


def test_the_package_names_a_module_that_loads() -> None:
    """What Jupyter's extension finder reads leads to the loader."""
    (point,) = workbench._jupyter_server_extension_points()
    assert point == {"module": "workbench.jupyter"}
    assert callable(import_module(point["module"])._load_jupyter_server_extension)


def test_the_configuration_file_turns_the_extension_on() -> None:
    """Installing is enabling: the file that the package installs names the package."""
    path = Path(workbench.__file__).parent / "etc" / "jupyter_server_config.d" / "workbench.json"
    assert json.loads(path.read_text()) == {"ServerApp": {"jpserver_extensions": {"workbench": True}}}


def test_the_extension_never_imports_the_bench() -> None:
    """A broken bench must not take the Jupyter server with it; nor do pandas and the widgets load."""
    code = (
        "import sys, workbench.jupyter.app;"
        "heavy = 'workbench.bench', 'workbench.trace', 'workbench.widgets', 'pandas', 'picows';"
        "print([name for name in heavy if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_settings_come_from_jupyters_configuration(
    jp_configurable_serverapp: Any, jp_server_config: Any
) -> None:
    """`c.Workbench.max_message_bytes` is what the proxy uses."""
    app = jp_configurable_serverapp(config={**jp_server_config, "Workbench": {"max_message_bytes": 5000}})
    assert app.web_app.settings["workbench_settings"].max_message_bytes == 5000
