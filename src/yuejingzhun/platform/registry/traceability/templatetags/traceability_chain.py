"""The chain of a measurement standard on its own page, which belongs to an app that knows nothing of chains."""

from typing import Any

from django import template

from yuejingzhun.platform.registry.standards.queries import MeasurementStandard
from yuejingzhun.platform.registry.traceability.link_pages import LinkForm
from yuejingzhun.platform.registry.traceability.queries import chain_of

register = template.Library()


@register.inclusion_tag("traceability/of_standard.html", takes_context=True)
def traceability_of(context: dict[str, Any], standard: MeasurementStandard, may_link: bool) -> dict[str, Any]:
    """What stands behind a standard, with the form of a new calibration for its quality manager."""
    chain = chain_of("standard", str(standard.pk))
    return {
        "standard": standard,
        "chain": chain,
        "form": LinkForm() if may_link else None,
        "csrf_token": context.get("csrf_token"),
    }
