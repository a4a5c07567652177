"""Which branch and phase each meter of a district is on, as far as it is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import UNKNOWN

CERTAIN = 0.95


@dataclass(frozen=True, slots=True)
class Topology:
    """Groups are numbered from 0 in no order; the name of a branch or phase is nothing that readings tell."""

    groups: NDArray[np.signedinteger]  # meters: the most probable one
    certainty: Floats  # meters: its probability

    def known(self, least: float = CERTAIN) -> NDArray[np.signedinteger]:
        """Groups for a Balance, UNKNOWN for meters that are less certain."""
        return np.where(self.certainty >= least, self.groups, UNKNOWN)
