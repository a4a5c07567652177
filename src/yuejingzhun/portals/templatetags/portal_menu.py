"""The menu above every page of somebody signed in."""

from typing import Any

from django import template

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.portals.navigation import PUBLIC, Link, sections

register = template.Library()


@register.inclusion_tag("portals/menu.html", takes_context=True)
def role_menu(context: dict[str, Any]) -> dict[str, Any]:
    """The pages of the visitor's roles; nothing for visitors who aren't signed in."""
    request = context.get("request")
    if request is None or not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"sections": ()}
    try:
        grants = current_actor(request).grants
    except NotPermittedError:  # an account that belongs to nobody, such as the back office's first one
        grants = ()
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {"sections": sections(grants), "here": here}


@register.simple_tag
def public_links() -> tuple[Link, ...]:
    """What the law publishes, for the front page."""
    return PUBLIC


@register.filter
def grouped(number: int) -> str:
    """A count with its digits in threes, as 6,000,027."""
    return f"{number:,}"
