"""Numbers of certificates and declarations: one after the other in a series, none twice."""

from yuejingzhun.platform.registry.standards.models import NumberSeries


def next_number(prefix: str, suffix: str) -> str:
    """The next number of a series, as 前缀0001后缀; its row stays locked until the transaction ends."""
    NumberSeries.objects.get_or_create(prefix=prefix)
    series = NumberSeries.objects.select_for_update().get(prefix=prefix)
    series.last += 1
    series.save(update_fields=["last"])
    return f"{prefix}{series.last:04}{suffix}"
