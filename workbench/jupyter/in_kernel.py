"""The part of the launcher that runs inside the kernel: obeys one request and says what became of it.

Whatever goes wrong comes back as a sentence; a traceback in a kernel that nobody looks at helps nobody.
"""

from __future__ import annotations

__all__ = ["obey"]

import json
import keyword
from importlib import import_module
from typing import Any


def obey(text: str) -> str:
    """Start a bench in this process.

    Parameters
    ----------
    text
        JSON: ``{"do": "start", "dialect", "name", "port"}`` or ``{"do": "again", "id"}``.

    Returns
    -------
    str
        JSON: ``{"ok": true, "id", "name"}`` or ``{"ok": false, "error", "message"}``. Never raises.
    """
    try:
        request = json.loads(text)
        bench = _again(request["id"]) if request["do"] == "again" else _start(request)
        return json.dumps({"ok": True, "id": bench.id, "name": bench.name})
    except Exception as error:  # noqa: BLE001 - every error goes to the person who asked
        return json.dumps({"ok": False, "error": type(error).__name__, "message": str(error)})


def _start(request: dict[str, Any]) -> Any:
    workbench = import_module("workbench")  # by name: this package stands beside the bench, not on it
    named = {"name": request["name"]} if request["name"] else {}
    bench = workbench.Workbench(request["dialect"], **named)
    if request["port"]:
        bench.start(port=request["port"])
    else:
        bench.start()
    _offer_variable(bench)
    return bench


def _again(server_id: str) -> Any:
    benches = import_module("workbench").benches
    bench = next((bench for bench in list(benches.values()) if bench.id == server_id), None)
    if bench is None:
        raise LookupError("The kernel no longer holds this bench; run the cell that makes it again.")
    bench.start()
    return bench


def _offer_variable(bench: Any) -> None:
    """Give the notebook a variable of the bench's name, unless the name is taken or cannot be one."""
    from IPython import get_ipython

    shell = get_ipython()
    name = bench.name.replace("-", "_").replace(" ", "_")
    fits = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    if shell is not None and fits and name not in shell.user_ns:
        shell.user_ns[name] = bench
