"""What can go wrong with the catalogue."""


class UnknownEntryError(LookupError):
    """No entry of that code, or no edition for that day; the message says in Chinese which there are."""


class CatalogueFileError(ValueError):
    """A data file of the catalogue can't be used; the message names file, row and column."""
