"""Hands simulated districts to `fleet_peers.py`, in the Python that YJZ_PEERS names (or this one), and answers back."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from yuejingzhun.demo.fleet.district import District

OF_A_DISTRICT = ("registers", "total", "signs", "groups", "resolution_kwh", "total_resolution_kwh")


def ask_peers(what: str, districts: Sequence[District]) -> dict[str, Any]:
    """What the peers say of the districts: "speed" or "quality" (see fleet_peers.py); ends the run where they are not
    installed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "districts.npz"
        arrays = {f"{n} {name}": getattr(each, name) for n, each in enumerate(districts) for name in OF_A_DISTRICT}
        np.savez(path, **arrays)
        command = [os.environ.get("YJZ_PEERS", sys.executable), Path(__file__).with_name("fleet_peers.py"), what, path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        sys.exit(f"the peers did not run ({''.join(last)}): make bench installs them and sets YJZ_PEERS")
    return dict(json.loads(done.stdout))
