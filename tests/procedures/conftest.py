from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.record import Record, ReferenceStandard
from yuejingzhun.procedures.sample import sample_record

TESTED_ON = date(2026, 11, 24)


@pytest.fixture
def sample() -> Callable[..., tuple[Record, ReferenceStandard]]:
    def make(code: str, passing: bool = True, seed: int = 1) -> tuple[Record, ReferenceStandard]:
        generator = np.random.default_rng(seed)
        return sample_record(procedure(code), passing=passing, generator=generator, tested_on=TESTED_ON)

    return make
