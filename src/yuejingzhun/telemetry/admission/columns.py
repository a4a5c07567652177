"""Columns as they come, text or typed, to arrays of what is meant, with the rows where that can't be."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
DECIMALS = 6
"""Digits after the point that a register may have in a text: finer than any register."""
LARGEST = 10**12
DECIMAL = pa.decimal128(24, DECIMALS)
ABSENT = pa.array(["", "null", "nan", "none", "-", "--", "na", "n/a"])
NUMBER = r"^[+-]?\d{1,12}(\.\d{1,6})?$"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers, any shape; `absent` where there was nothing, `wrong` where there was something else."""

    values: Ints
    absent: Bools
    wrong: Bools


def texts(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """As trimmed text, with null for nothing."""
    array = _whole(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    trimmed = pc.utf8_trim_whitespace(pc.cast(array, pa.string()))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def days(column: pa.ChunkedArray | pa.Array) -> Numbers:
    """Days since 1970-01-01 from dates, times (their date as written), or texts 2026-03-01, 2026/3/1 or 20260301."""
    array = _whole(column)
    if pa.types.is_temporal(array.type):
        dates = pc.cast(array, pa.date32(), safe=False)
        return _from_ints(pc.cast(dates, pa.int32()))
    text = pc.replace_substring_regex(texts(array), r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
    parts = pc.extract_regex(text, r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[ T]0?0:00(?::00)?)?$")
    year, month, day = (_numpy(pc.cast(pc.struct_field(parts, place), pa.int64())) for place in range(3))
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    result = months.astype("datetime64[D]") + (day - 1)
    absent = _numpy(pc.is_null(text), bool)
    real = (month >= 1) & (month <= 12) & (day >= 1) & (result.astype("datetime64[M]") == months)
    wrong = ~absent & (_numpy(pc.is_null(parts), bool) | ~real)
    return Numbers(np.where(wrong | absent, 0, result.astype(np.int64)), absent, wrong)


def whole_numbers(column: pa.ChunkedArray | pa.Array) -> Numbers:
    """Integers from integers, integral floats or texts."""
    found = decimals(column)
    values, rest = np.divmod(found.values, 10**DECIMALS)
    return Numbers(values, found.absent, found.wrong | (rest != 0))


def decimals(column: pa.ChunkedArray | pa.Array) -> Numbers:
    """Millionths (10**-DECIMALS) from integers, decimals, floats or texts, exactly; a float counts as the decimal
    number of six places that it is nearest to."""
    array = _whole(column)
    if pa.types.is_floating(array.type):
        return _from_floats(_numpy(pc.cast(array, pa.float64())), _numpy(pc.is_null(array), bool))
    if pa.types.is_integer(array.type):
        found = _from_ints(array)
        large = np.abs(found.values) >= LARGEST
        return Numbers(np.where(large, 0, found.values) * 10**DECIMALS, found.absent, found.wrong | large)
    try:
        return _from_decimals(pc.cast(array, DECIMAL))  # several times as fast, and enough for a file in order
    except pa.ArrowInvalid:
        return _from_texts(texts(array))


def _from_texts(text: pa.Array) -> Numbers:
    nothing = pc.fill_null(pc.is_in(pc.utf8_lower(text), value_set=ABSENT), False)
    text = pc.if_else(nothing, pa.scalar(None, pa.string()), text)
    absent = _numpy(pc.is_null(text), bool)
    wrong = ~absent & ~_numpy(pc.fill_null(pc.match_substring_regex(text, NUMBER), False), bool)
    if wrong.any():
        text = pc.if_else(pa.array(wrong), pa.scalar(None, pa.string()), text)
    exact = _from_decimals(pc.cast(text, DECIMAL))
    return Numbers(exact.values, absent, wrong | exact.wrong)


def _from_decimals(exact: pa.Array) -> Numbers:
    """A decimal128 is sixteen bytes, the low half first; a number below LARGEST is within that, or it is wrong."""
    halves = np.frombuffer(exact.buffers()[1], dtype=np.int64)[2 * exact.offset :][: 2 * len(exact)].reshape(-1, 2)
    low, absent = halves[:, 0], _numpy(pc.is_null(exact), bool)
    wrong = ~absent & ((halves[:, 1] != low >> 63) | (np.abs(low) >= LARGEST * 10**DECIMALS))
    return Numbers(np.where(wrong | absent, 0, low), absent, wrong)


def _from_floats(values: NDArray[np.float64], null: Bools) -> Numbers:
    absent = null | np.isnan(values)
    wrong = ~absent & ~(np.abs(values) < LARGEST)
    safe = np.where(absent | wrong, 0.0, values)
    return Numbers(np.rint(safe * 10**DECIMALS).astype(np.int64), absent, wrong)


def _from_ints(array: pa.Array) -> Numbers:
    absent = _numpy(pc.is_null(array), bool)
    return Numbers(_numpy(pc.cast(array, pa.int64())), absent, np.zeros(len(array), dtype=bool))


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    return column


def _numpy(array: pa.Array, kind: type | None = None) -> NDArray:
    """Values with zero (or False, NaN) under a null."""
    if array.null_count:
        fill = False if pa.types.is_boolean(array.type) else (np.nan if pa.types.is_floating(array.type) else 0)
        array = pc.fill_null(array, fill)
    values = array.to_numpy(zero_copy_only=False)
    return values if kind is None else values.astype(kind, copy=False)


def as_decimals(millionths: Ints, absent: Bools) -> pa.Array:
    """The reverse of `decimals`, as a column of DECIMAL with null where absent."""
    halves = np.stack([millionths, millionths >> 63], axis=1)
    validity = pa.array(~absent).buffers()[1]
    return pa.Array.from_buffers(DECIMAL, len(millionths), [validity, pa.py_buffer(halves.tobytes())])
