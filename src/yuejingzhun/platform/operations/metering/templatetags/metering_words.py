"""Numbers as the pages say them."""

from decimal import Decimal

from django import template

from yuejingzhun.platform.operations.metering import charts

register = template.Library()


@register.filter
def percent(value: float | None) -> str:
    """A relative error, in percent with its sign."""
    return charts.percent(None if value is None else float(value))


@register.filter
def share(value: float | None) -> str:
    """A share, in percent."""
    return charts.share(None if value is None else float(value))


@register.filter
def probability(value: float | None) -> str:
    """What is stated of one meter."""
    return charts.probability(None if value is None else float(value))


@register.filter
def fine(value: float | None) -> str:
    """A small share, such as an uncertainty, with three decimals of a percent."""
    return "—" if value is None else f"{value * 100:.3f}{charts.SPACE}%"


@register.filter
def grouped(value: str) -> str:
    """A decimal number that came as text, with its thousands apart."""
    return f"{Decimal(value):,}"


@register.filter
def mpe(value: object) -> str:
    """A maximum permissible error, without zeros at its end."""
    return f"±{float(str(value)) * 100:g}{charts.SPACE}%"


@register.filter
def kwh(value: float | None) -> str:
    """An energy."""
    return "—" if value is None else f"{value:,.1f}" if abs(value) < 1000 else f"{value:,.0f}"
