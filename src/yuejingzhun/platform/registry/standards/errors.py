"""What can go wrong with measurement standards."""


class StandardNotUsableError(Exception):
    """The standard doesn't exist, has lapsed or isn't for this; the message says in Chinese which."""


class StandardError(Exception):
    """The step isn't possible now; the message says in Chinese why."""


class UnknownStandardError(LookupError):
    """No such standard, application or declaration, or not one that this person may see."""


class ProposalError(ValueError):
    """An application's content can't be used: `problems` name each field, what was found and what is expected."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems
