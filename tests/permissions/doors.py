"""The doors of the platform: every page and every operation of the JSON interface, and the acts that each leads to."""

import dis
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import CodeType, FunctionType, ModuleType
from typing import Any
from urllib.parse import quote

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from yuejingzhun.project.api import api

# Modules that a page or an operation is made of: what they call of others counts as called by it.
ROOMS = ("pages", "page_parts", "api", "acts")
PARAMETER = re.compile(r"\{(?:\w+:)?(\w+)\}")
WALLED = ("admin", "api-v1")  # namespaces: the back office has rights of its own, the operations are walked below


@dataclass(frozen=True, slots=True)
class Door:
    """A page by the name of its address, or an operation by its method and path; the function behind it."""

    name: str
    view: Callable[..., Any]
    parameters: tuple[str, ...] = ()
    path: str = ""

    @property
    def app(self) -> str:
        """The app that it belongs to, without the tier."""
        return self.view.__module__.split(".")[-2]

    @property
    def method(self) -> str:
        """Of an operation; a page is asked with every one."""
        return self.name.partition(" ")[0] if self.path else ""

    def address(self, given: dict[str, Any]) -> str | None:
        """Its address with these values in it; None where it can't have them."""
        if self.path:
            return "/api/v1" + PARAMETER.sub(lambda found: quote(str(given[found[1]])), self.path)
        try:
            return reverse(self.name, kwargs=given)
        except NoReverseMatch:
            return None


def doors() -> list[Door]:
    """All of them."""
    return [*_pages(get_resolver().url_patterns), *_operations()]


def _pages(patterns: list[Any]) -> Iterator[Door]:
    for found in patterns:
        if isinstance(found, URLPattern):
            names = tuple(found.pattern.regex.groupindex)
            yield Door(found.name or str(found.pattern), inspect.unwrap(found.callback), names)
        elif isinstance(found, URLResolver) and found.namespace not in WALLED:
            yield from _pages(found.url_patterns)


def _operations() -> Iterator[Door]:
    for _, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    names = tuple(PARAMETER.findall(path))
                    yield Door(f"{method} {path}", inspect.unwrap(operation.view_func), names, path)


def acts_of(view: Callable[..., Any], acts: set[str]) -> set[str]:
    """Those of the acts that a view names, itself or through what its room is made of."""
    found: set[str] = set()
    seen: set[Any] = set()
    waiting = [view]
    while waiting:
        function = waiting.pop()
        if function in seen or not isinstance(function, FunctionType):
            continue
        seen.add(function)
        for named in _named(function):
            key = key_of(named)
            if key in acts:
                found.add(key)
            elif _in_a_room(named):
                waiting.append(named)
    return found


def key_of(function: FunctionType) -> str:
    """As the table calls it."""
    module = function.__module__.removeprefix("yuejingzhun.").removeprefix("platform.")
    return f"{module}.{function.__name__}"


def _in_a_room(function: FunctionType) -> bool:
    return function.__module__.startswith("yuejingzhun.") and function.__module__.endswith(ROOMS)


def _named(function: FunctionType) -> Iterator[FunctionType]:
    """The functions that its code names, also as `module.function` and within functions of its own."""
    for name, member in _names(function.__code__):
        value = function.__globals__.get(name)
        value = getattr(value, member, None) if isinstance(value, ModuleType) else value
        if callable(value) and isinstance(plain := inspect.unwrap(value), FunctionType):
            yield plain


def _names(code: CodeType) -> Iterator[tuple[str, str]]:
    """Each global name, and what is asked of it."""
    instructions = list(dis.get_instructions(code))
    for found, following in pairwise(instructions):
        if found.opname == "LOAD_GLOBAL":
            yield found.argval, str(following.argval)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _names(const)
