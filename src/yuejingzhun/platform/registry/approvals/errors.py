"""What can go wrong with type approvals and software filings."""


class ApprovalError(Exception):
    """Not possible as asked; the message says in Chinese what was found and what is expected."""

    def __init__(self, *problems: str) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


class UnknownApprovalError(LookupError):
    """No such application, type approval, software filing or document, or not the actor's to see."""
