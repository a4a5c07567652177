"""What can go wrong with reference materials."""


class MaterialNotUsableError(Exception):
    """No batch in date; the message says in Chinese what there is."""


class MaterialError(Exception):
    """The step isn't possible; the message says in Chinese why."""


class UnknownMaterialError(LookupError):
    """No such material or batch."""
