"""Time to import the science, without Django: the package, and all of its modules together (claim: < 0.3 s).

Each import is timed inside a fresh interpreter, after its start and from compiled files, as in an installation, in
turns with the bare libraries; the least time of each is printed. No module takes longer alone than all do together,
most of which is `scipy.special`.
"""

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import yuejingzhun.metrology

PACKAGE = Path(yuejingzhun.metrology.__file__).parent
ROUNDS, LIMIT_S = 15, 0.3


def seconds(modules: str, compiled: str) -> float:
    code = f"import time; start = time.perf_counter(); import {modules}; print(time.perf_counter() - start)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    command = [sys.executable, "-c", code]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


def main() -> None:
    paths = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    modules = [".".join(("yuejingzhun.metrology", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in paths]
    chosen = {
        "numpy": "numpy",
        "scipy.special": "scipy.special",
        "yuejingzhun.metrology": "yuejingzhun.metrology",
        f"all its {len(modules)} modules": ", ".join(modules),
    }
    with tempfile.TemporaryDirectory() as compiled:
        rounds = [[seconds(names, compiled) for names in chosen.values()] for _ in range(ROUNDS)]
    best = dict(zip(chosen, map(min, zip(*rounds, strict=True)), strict=True))
    print(f"Python {platform.python_version()}, {platform.machine()}; claim: < {LIMIT_S} s")
    for name, taken in best.items():
        print(f"{name}: {taken:.3f} s, {taken / best['scipy.special']:.2f} times scipy.special")


if __name__ == "__main__":
    main()
