"""How the JSON interface refuses: one shape for every status."""

from ninja import Field, Schema


class ProblemsOut(Schema):
    """Why something was refused: `problems` names each field, what was found and what is expected."""

    message: str = Field(title="说明")
    problems: list[str] = Field([], title="各处问题")


REFUSED = dict.fromkeys((401, 403, 404, 409, 422), ProblemsOut)
