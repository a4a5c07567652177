"""Which method an evaluation was made with: the program's version and a digest of the code that estimates."""

import hashlib
from functools import cache
from importlib import metadata, resources

PARTS = (
    ("yuejingzhun.metrology.fleet", None),
    ("yuejingzhun.telemetry", ("districts.py", "fleet.py", "registers.py", "rows.py")),
    ("yuejingzhun.platform.operations.metering", ("kernel.py", "stating.py")),
)


@cache
def method() -> str:
    """Changes whenever an estimate could."""
    digest = hashlib.sha256()
    for package, names in PARTS:
        for file in sorted(resources.files(package).iterdir(), key=lambda one: one.name):
            if file.name.endswith(".py") and (names is None or file.name in names):
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{metadata.version('yuejingzhun')}+{digest.hexdigest()[:12]}"
