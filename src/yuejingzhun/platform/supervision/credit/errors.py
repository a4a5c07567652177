"""What can go wrong with credit."""


class CreditError(Exception):
    """Not possible as asked; the message says in Chinese what was found and what is expected."""

    def __init__(self, *problems: str) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


class UnknownCreditError(LookupError):
    """No such fact, contest, application, rule set or rating, or not the actor's to see."""
