"""What can go wrong with the filing of instruments."""


class InstrumentError(ValueError):
    """What was given can't be filed; `problems` names each field, what was found and what is expected."""

    def __init__(self, *problems: str) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


class UnknownInstrumentError(LookupError):
    """There is no such instrument, or the actor may not see it."""
