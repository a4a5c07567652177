"""What readings can't be taken in or given out for, in Chinese."""


class LakeError(Exception):
    """The lake can't do what was asked: in use, damaged, or not a lake."""


class EngineError(Exception):
    """An evaluation can't be run or went wrong."""
