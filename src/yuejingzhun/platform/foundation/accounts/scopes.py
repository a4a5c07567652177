"""What a token may be given: one scope names a resource of the JSON interface and whether it is read or written.

An operation names its scope where it is declared, `auth=SignedIn("records:write")`. One that doesn't, `SignedIn()`, has
the first word of its address and its method: GET /jobs/5 needs `jobs:read`, POST /jobs/5/review `jobs:write`.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope and how it is called on the screen."""

    name: str
    label: str


_declared: dict[str, Scope] = {}


def scope_of(request: HttpRequest) -> str:
    """The scope of an operation that names none: the first word of its address below the interface's root."""
    route = request.resolver_match.route if request.resolver_match else ""
    return derived_scope(route.removeprefix("api/v1/"), request.method or "GET")


def derived_scope(path: str, method: str) -> str:
    """`jobs:read` of `/jobs/5` and GET."""
    resource = path.strip("/").partition("/")[0]
    return f"{resource}:{'read' if method in SAFE_METHODS else 'write'}"


def declare_scopes(api: NinjaAPI, kind: type[Any]) -> None:
    """Note the scopes of all operations that ask for a sign-in of that kind; called once all routers are there."""
    _declared.clear()
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for asked in operation.auth_callbacks:
                    if isinstance(asked, kind):
                        _note(asked.scope, f"{prefix}/{path}".replace("//", "/"), operation, router.tags)


def _note(named: str, path: str, operation: Any, tags: list[str] | None) -> None:
    for method in operation.methods:
        name = named or derived_scope(path, method)
        resource, _, right = name.partition(":")
        label = "、".join(operation.tags or tags or [resource])
        action = "读取" if right == "read" else "办理"
        _declared.setdefault(name, Scope(name, f"{label}：{action}"))


def offered_scopes() -> list[Scope]:
    """All scopes, by name."""
    return sorted(_declared.values(), key=lambda scope: scope.name)
