"""``workbench new hook``: a file with a hook to start from."""

from __future__ import annotations

__all__ = ["KINDS", "new_hook"]

import keyword
import sys
from pathlib import Path

from workbench.cli.errors import CommandError
from workbench.engine.errors import near

KINDS = ("around", "before", "after", "error")
"""Where a Feathers hook may stand."""

_FEATHERS = {
    "around": '''"""The hook {name}: runs around a service method.

    from hooks.{name} import {name}

    app.service("messages").hooks({{"around": {{"all": [{name}]}}}})
"""


async def {name}(context, next):
    print(f"Running hook {name} on {{context.path}}.{{context.method}}")
    # Run everything else (other hooks and service call)
    await next()
''',
    "before": '''"""The hook {name}: runs before a service method.

    from hooks.{name} import {name}

    app.service("messages").hooks({{"before": {{"all": [{name}]}}}})
"""


async def {name}(context):
    print(f"Running hook {name} on {{context.path}}.{{context.method}}")
''',
    "after": '''"""The hook {name}: runs after a service method.

    from hooks.{name} import {name}

    app.service("messages").hooks({{"after": {{"all": [{name}]}}}})
"""


async def {name}(context):
    print(f"Running hook {name} on {{context.path}}.{{context.method}}: {{context.result}}")
''',
    "error": '''"""The hook {name}: runs when a service method or another hook fails.

    from hooks.{name} import {name}

    app.service("messages").hooks({{"error": {{"all": [{name}]}}}})
"""


async def {name}(context):
    print(f"Running hook {name} on {{context.path}}.{{context.method}}: {{context.error}}")
''',
}
_TEMPLATES = {"feathers": _FEATHERS}


def new_hook(name: str, folder: Path, *, dialect: str = "feathers", kind: str = "around") -> Path:
    """Write ``hooks/<name>.py``; nothing that is there is overwritten.

    Parameters
    ----------
    name
        Name of the hook; ``log-runtime`` is ``log_runtime`` in Python.
    folder
        The application's folder.
    dialect
        Whose hook it is.
    kind
        Where it stands: one of `KINDS`.

    Raises
    ------
    CommandError
        For a name that Python can't have, a dialect without templates, and a file that is there already.
    """
    function = name.strip().replace("-", "_").replace(" ", "_")
    if not function.isidentifier() or keyword.iskeyword(function):
        raise CommandError(f"A hook has a name such as log-runtime, not {name!r}.")
    templates = _TEMPLATES.get(dialect)
    if templates is None:
        raise CommandError(
            f"There are no hook templates for the dialect {dialect!r}{near(dialect, _TEMPLATES)}"
        )
    path = folder / "hooks" / f"{function}.py"
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(templates[kind].format(name=function))
    except FileExistsError as error:
        there = path if path.exists() else path.parent
        raise CommandError(
            f"{_shown(there, folder)} is there already; choose another name or move it."
        ) from error
    except OSError as error:
        raise CommandError(f"{_shown(path, folder)} cannot be written: {error.strerror or error}.") from error
    sys.stdout.write(f"wrote {_shown(path, folder)}\n")
    return path


def _shown(path: Path, folder: Path) -> Path:
    return path.relative_to(folder)
