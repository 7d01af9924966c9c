"""Run the benchmarks: all that lie beside this file, or those that are named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = "what | ours | peer | ratio | budget"


def cases() -> list[str]:
    """Names of the scripts here that have a main()."""
    return sorted(
        path.stem
        for path in HERE.glob("*.py")
        if path.name != Path(__file__).name and "\ndef main(" in path.read_text(encoding="utf-8")
    )


def chosen(names: list[str]) -> list[str]:
    """The cases that were asked for; all of them where none was."""
    known = cases()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(known)}.")
    return names or known


def main() -> int:
    """Run each case in a process of its own, so that none warms or burdens the next; 1 when one broke."""
    broken = 0
    print(HEADER)
    for name in chosen(sys.argv[1:]):
        print(f"-- {name}", flush=True)
        result = subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False, cwd=HERE)
        broken |= result.returncode != 0
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
