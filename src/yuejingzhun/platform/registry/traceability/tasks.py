"""The long task of traceability: the list of a recall that is too long for a request."""

from typing import Any

from yuejingzhun.platform.foundation.jobs.registry import Asked, long_task
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.traceability.listing import finish
from yuejingzhun.platform.registry.traceability.models import Recall
from yuejingzhun.platform.registry.traceability.services import LONG_TASK, may_declare


def may_list(actor: Actor, arguments: dict[str, Any]) -> None:
    """Who may declare the recall may have it listed; raises NotPermittedError."""
    recall = Recall.objects.select_related("source").filter(pk=arguments["recall"]).first()
    if recall is None or not may_declare(actor, recall.source):
        raise NotPermittedError(f"{actor.name} 不能为这项追溯列出清单")


@long_task(LONG_TASK, "列出受失准影响的证书", allow=may_list, labels={"found": "受影响的证书"})
def list_recall(asked: Asked, report: Report) -> dict[str, Any]:
    """Make the list, from its start where an earlier attempt was interrupted."""

    def told(listed: int, found: int) -> None:
        report.progress(listed, found)
        report.check()

    finish(asked.arguments["recall"], told=told)
    return {"found": Recall.objects.values_list("found", flat=True).get(pk=asked.arguments["recall"])}
