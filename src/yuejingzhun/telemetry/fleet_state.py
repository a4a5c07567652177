"""What an evaluation keeps of the districts of a task beside their result, so that the next day goes on from there.

One file a task: a line of JSON that says what it is of and where its arrays lie, then the arrays. It is used only by
the code that wrote it, for the day after the one it ends with.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology import fleet
from yuejingzhun.metrology.fleet.following import Following
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.telemetry.engine import KEPT, write_once
from yuejingzhun.telemetry.errors import EngineError

ALIGNED = 64  # bytes


@dataclass(frozen=True, slots=True)
class Followed:
    """Districts of one shape; lists are of districts."""

    names: list[str]
    meters: list[list[str]]
    roles: list[list[str]]
    power: list[float]
    through: list[str]  # ISO date of the last day that is in the state
    groups: NDArray[np.int64]  # districts x rows
    following: Following


@dataclass(frozen=True, slots=True)
class State:
    """Of a task. `first_day` is that of the full estimate, `through` the last day that was looked at."""

    city: str
    first_day: date
    through: date
    mpe: float
    prior: Prior
    parts: tuple[Followed, ...]


@cache
def code() -> str:
    """Digest of the science that a state belongs to."""
    folder = Path(fleet.__file__).parent
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def write_state(path: Path, state: State) -> None:
    """At once and whole."""
    arrays: list[NDArray[Any]] = []
    header = {
        "code": code(),
        "city": state.city,
        "first_day": state.first_day.isoformat(),
        "through": state.through.isoformat(),
        "mpe": state.mpe,
        "prior": {name: getattr(state.prior, name).tolist() for name in ("weights", "means", "spreads")},
        "parts": [_said(part, arrays) for part in state.parts],
    }

    def write(draft: Path) -> None:
        with draft.open("wb") as file:
            line = json.dumps(header, ensure_ascii=False).encode()
            file.write(line + b" " * (-(len(line) + 1) % ALIGNED) + b"\n")
            for array in arrays:
                file.write(np.ascontiguousarray(array).data)
                file.write(b"\0" * (-array.nbytes % ALIGNED))

    write_once(path, write)


def read_state(path: Path, day: date) -> State:
    """The state that `day` goes on from; raises EngineError where there is none, or it is not of the day before, of
    this code, or damaged."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline())
            if header["code"] != code():
                raise EngineError(f"{path} 是另一版程序留下的状态：请先作一次完整的评价")
            through = date.fromisoformat(header["through"])
            if (day - through).days != 1:
                raise EngineError(f"{path} 的状态到 {through} 为止，不能由此更新到 {day}：应逐日更新")
            prior = Prior(**{name: np.array(values) for name, values in header["prior"].items()})
            parts = tuple(_read_part(part, file) for part in header["parts"])
    except FileNotFoundError as error:
        raise EngineError(f"没有前一日的状态 {path}") from error
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise EngineError(f"状态 {path} 损坏：请重做前一日的更新，或作一次完整的评价") from error
    return State(header["city"], date.fromisoformat(header["first_day"]), through, header["mpe"], prior, parts)


def states(folder: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, city and districts of each task that a folder holds the state of, in order."""
    for path in sorted(folder.glob(f"*{KEPT}")):
        try:
            with path.open("rb") as file:
                header = json.loads(file.readline())
            names = sorted(name for part in header["parts"] for name in part["names"])
        except (ValueError, KeyError, TypeError) as error:
            raise EngineError(f"状态 {path} 损坏：请重做前一日的更新，或作一次完整的评价") from error
        yield path.stem, header["city"], tuple(names)


def _said(part: Followed, arrays: list[NDArray[Any]]) -> dict[str, Any]:
    places: dict[str, Any] = {}
    values = {"groups": part.groups} | {each.name: getattr(part.following, each.name) for each in fields(Following)}
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            places[name] = [value.dtype.str, list(value.shape)]
            arrays.append(value)
        else:
            places[name] = value
    told = {name: getattr(part, name) for name in ("names", "meters", "roles", "power", "through")}
    return told | {"arrays": places}


def _read_part(told: dict[str, Any], file: BinaryIO) -> Followed:
    values: dict[str, Any] = {}
    for name, place in told.pop("arrays").items():
        values[name] = _read_array(file, *place) if isinstance(place, list) else place
    return Followed(**told, groups=values.pop("groups"), following=Following(**values))


def _read_array(file: BinaryIO, dtype: str, shape: Sequence[int]) -> NDArray[Any]:
    array = np.empty(shape, dtype=dtype)
    if file.readinto(array.reshape(-1).view(np.uint8).data) != array.nbytes:  # type: ignore[attr-defined]
        raise ValueError("cut off")
    file.seek(-array.nbytes % ALIGNED, 1)
    return array
