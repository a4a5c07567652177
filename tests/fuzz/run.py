"""Fuzz one target with atheris: python tests/fuzz/run.py TARGET [libFuzzer options] [corpus folder]."""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["yuejingzhun"]):
    sys.path.insert(0, str(Path(__file__).parent))
    from targets import TARGETS


def main() -> None:
    """Instrument, then run until told to stop or until a finding."""
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
