"""How many notices are unread, beside the menu's link on every page."""

from typing import Any

from django import template

from yuejingzhun.platform.foundation.accounts.queries import lacks_second_factor
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.registry.reminders.queries import MOST_COUNTED, unread

register = template.Library()


@register.inclusion_tag("reminders/menu.html", takes_context=True)
def notices_link(context: dict[str, Any]) -> dict[str, Any]:
    """The link with its count; without one for whom nothing is told, or who has yet to confirm who they are.

    Part of the page itself, at one read of an index: a page that asked for it afterwards would be led to the sign-in
    in place of the number.
    """
    request = context["request"]
    try:
        number = 0 if lacks_second_factor(request) else unread(current_actor(request))
    except NotPermittedError:  # an account that nobody works with
        number = 0
    return {"number": number, "most": MOST_COUNTED}
