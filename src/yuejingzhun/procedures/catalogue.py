"""All regulations there are: each module of this package whose name begins with jjg_ declares one."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import yuejingzhun.procedures
from yuejingzhun.procedures.procedure import Procedure


class UnknownRegulationError(ValueError):
    """No regulation of that code is declared; the message lists those that are."""


@cache
def procedures() -> dict[str, Procedure]:
    """Every declared regulation by its code, in the order of their numbers."""
    package = yuejingzhun.procedures
    names = [module.name for module in iter_modules(package.__path__) if module.name.startswith("jjg_")]
    found = [import_module(f"{package.__name__}.{name}").PROCEDURE for name in names]
    return {procedure.code: procedure for procedure in sorted(found, key=_number)}


def procedure(code: str) -> Procedure:
    """The regulation of that code, such as "JJG 596-2012"; raises UnknownRegulationError."""
    try:
        return procedures()[code]
    except KeyError:
        raise UnknownRegulationError(f"没有检定规程 {code!r}，现有 {'、'.join(procedures())}") from None


def _number(procedure: Procedure) -> int:
    return int(procedure.code.removeprefix("JJG ").split("-")[0])
