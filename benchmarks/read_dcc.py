"""Reading a DCC of 20 kB: the gate, schema, rules and columns, against lxml's bare parsing and schema validation.

Run: python benchmarks/read_dcc.py [FILE]
"""

import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from yuejingzhun.evidence.dcc.columns import columns
from yuejingzhun.evidence.dcc.gate import parse
from yuejingzhun.evidence.dcc.read import read
from yuejingzhun.evidence.dcc.rules import check_rules
from yuejingzhun.evidence.dcc.schema_registry import schema_for

EXAMPLE = Path(__file__).parents[1] / "tests" / "reference" / "dcc" / "dcclib" / "valid.xml"
REPEATS, ROUNDS = 300, 15


def main() -> None:
    """Print the time of each step and the ratio of the whole to the bare work."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else EXAMPLE).read_bytes()
    document = read(data)
    schema, root = schema_for(document.version), document.root

    def bare() -> None:
        if not schema.validate(etree.fromstring(data)):
            raise AssertionError("the example is valid")

    steps: dict[str, Callable[[], object]] = {
        "lxml: parse + schema": bare,
        "read (all of the following)": lambda: read(data),
        "  gate and parse": lambda: parse(data, bare=True),
        "  schema": lambda: schema.validate(root),
        "  rules": lambda: check_rules(root),
        "  columns": lambda: columns(root),
    }
    times = _best(steps)
    ratio = times["read (all of the following)"] / times["lxml: parse + schema"]
    print(f"DCC {document.version}, {len(data)} bytes, {len(document.columns)} columns; {platform.machine()}, ", end="")
    print(f"Python {platform.python_version()}, lxml {etree.__version__}")
    for name, seconds in times.items():
        print(f"{name:30} {seconds * 1e6:8.1f} µs")
    print(f"read / bare = {ratio:.2f} (claim: at most 3)")


def _best(steps: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The shortest of the rounds, which alternate between the steps so that all see the same machine."""
    times = dict.fromkeys(steps, float("inf"))
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(REPEATS):
                step()
            times[name] = min(times[name], (time.perf_counter() - start) / REPEATS)
    return times


if __name__ == "__main__":
    main()
