"""Filters of the templates of this app."""

from collections.abc import Mapping

from django import template

from yuejingzhun.platform.registry.qualifications.coverage import Coverage

register = template.Library()


@register.filter
def at(names: Mapping[str, str], code: str) -> str:
    """The name of a code, or the code where it has none."""
    return names.get(code, code)


@register.filter
def share(found: Coverage, covered: frozenset[str]) -> str:
    """How many of how many, with the share rounded down to 0.1 %, so that 100 % means all."""
    exact = found.share(covered)
    if exact is None:
        return "没有项目"
    return f"{len(covered)}/{len(found.items)}（{exact * 1000 // 1 / 10:.1f}%）"


@register.filter
def share_at(found: Coverage, level: str) -> str:
    """The same for the institutes of one level."""
    return share(found, found.by_level[level])
