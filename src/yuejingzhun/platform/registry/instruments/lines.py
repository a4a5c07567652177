"""An instrument as lists and labels show it on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.instruments.queries import standing_of
from yuejingzhun.platform.registry.instruments.rules import Standing


@dataclass(frozen=True, slots=True)
class Line:
    """An instrument with its standing."""

    instrument: Instrument
    standing: Standing

    @property
    def tone(self) -> str:
        """The style of its standing."""
        return {Standing.VALID: "good", Standing.SOON: "soon"}.get(self.standing, "bad")


def lines(found: Sequence[Instrument], on: date) -> list[Line]:
    """Instruments with their standing on that day."""
    return [Line(instrument, standing_of(instrument, on)) for instrument in found]
