"""The long task of credit: a rule set is tried before it takes effect."""

from datetime import date
from typing import Any

from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked, long_task
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.supervision.credit.errors import CreditError
from yuejingzhun.platform.supervision.credit.queries import rule_version, version_of
from yuejingzhun.platform.supervision.credit.services.rule_sets import SIMULATE, may_simulate
from yuejingzhun.platform.supervision.credit.simulating import simulate

LABELS = {"parties": "评价的单位", "moved": "级别改变的单位", "worse": "其中变差的"}


@long_task(SIMULATE, "信用规则试算", may_simulate, LABELS)
def run_simulation(asked: Asked, report: Report) -> dict[str, Any]:
    """Simulate the rule set that was asked for."""
    on = date.fromisoformat(asked.arguments["on"])
    row = rule_version(asked.arguments["version"])
    try:
        against = version_of(on)
    except CreditError:
        against = None
    report.progress(0, 1, "正在评价全部单位")
    report.check()
    try:
        made = simulate(row, None if against == row else against, on, asked.person_id, asked.asked_at)
    except CreditError as error:
        raise TaskError(str(error)) from error
    return {name: made.result[name] for name in LABELS}
