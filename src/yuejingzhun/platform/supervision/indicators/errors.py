"""What can go wrong with indicators and tasks."""


class IndicatorError(Exception):
    """Not possible as asked; the message says in Chinese what was found and what is expected."""

    def __init__(self, *problems: str) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


class UnknownIndicatorError(LookupError):
    """No such indicator, item, task or milestone, or not the actor's to see."""
