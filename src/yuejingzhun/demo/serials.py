"""Serial numbers with a check character, and how people mistype them.

The check (weights 1 to 9, modulo 11, as that of ISBN-10) finds every wrong digit, so that a mistyped number is never
another's true one; each slip can be undone, so that two mistyped ones differ too. Scattered, as many makers' are.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yuejingzhun.demo.copying import characters, digits_of

BODY = 9
STEP = 387_420_489  # without a common divisor with 10^9: every number below 10^9 comes once
PLACE = 5
LAST = np.frombuffer(b"0123456789X", np.uint8)


def true_serials(numbers: NDArray[np.int64]) -> pa.Array:
    """A serial number for each number below 10^9, no two alike."""
    return characters(_codes(numbers))


def slipped(numbers: NDArray[np.int64]) -> pa.Array:
    """The same as they come from a tired hand: a wrong digit, the letter O for a zero, or the end left out."""
    codes = _codes(numbers)
    slip = numbers % 3
    wrong = codes[:, PLACE]
    codes[:, PLACE] = np.where(slip == 0, 48 + (wrong - 48 + 1) % 10, wrong)
    zero = (slip == 1) & (codes[:, PLACE] == 48)
    codes[zero, PLACE] = ord("O")
    # Where there is no zero to be taken for a letter, the end is left out instead.
    codes[(slip == 2) | ((slip == 1) & ~zero), -1] = 0
    return characters(codes)


def _codes(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    body = digits_of(numbers * STEP % 10**BODY, BODY)
    check = body.astype(np.int64) @ np.arange(1, BODY + 1) % 11
    return np.hstack([body + 48, LAST[check][:, None]])
