"""What every act asks first."""

from datetime import date, datetime

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, may_see_region
from yuejingzhun.platform.supervision.credit.errors import CreditError, UnknownCreditError
from yuejingzhun.platform.supervision.credit.models import LARGEST_QUANTITY, Fact
from yuejingzhun.platform.supervision.credit.queries import acts_for, province_authority, sees
from yuejingzhun.procedures.local_date import local_date

FIRST_DAY = date(2000, 1, 1)


def check_province(actor: Actor) -> int:
    """The province's authority for which the actor acts; raises NotPermittedError for all others."""
    found = province_authority(actor)
    if found is None:
        raise NotPermittedError(f"{actor.name} 不是省级市场监管部门的监管人员，信用规则由省级部门办理")
    return found


def check_regulator(actor: Actor, region: str) -> None:
    """Raises NotPermittedError for who doesn't regulate that region."""
    if not may_see_region(actor, region):
        raise NotPermittedError(f"{actor.name} 不是该单位所在地的监管人员")


def check_speaks(actor: Actor, party_id: int) -> None:
    """Raises NotPermittedError for who doesn't speak for the organisation."""
    if not acts_for(actor, party_id):
        raise NotPermittedError(f"{actor.name} 不是该单位的经办人，不能以它的名义办理")


def lock_fact(actor: Actor, fact_id: int) -> Fact:
    """A fact that is the actor's to see, locked until the transaction ends; raises UnknownCreditError."""
    rows = Fact.objects.select_for_update(of=("self",)).select_related("party")
    found = rows.filter(pk=min(fact_id, 2**62)).first()
    if found is None or not sees(actor, found.party):
        raise UnknownCreditError(f"没有编号为 {fact_id} 的事实，或您无权查看")
    return found


def checked_text(text: str, what: str, most: int = 1000) -> str:
    """The text without blanks around it; raises CreditError for none, or one too long."""
    found = text.strip()
    if not found:
        raise CreditError(f"{what}：没有填写")
    if len(found) > most:
        raise CreditError(f"{what}：至多 {most} 个字，为 {len(found)} 个")
    return found


def problems_of(occurred_on: date, quantity: int, at: datetime) -> list[str]:
    """What is wrong with the day and the quantity of a fact."""
    problems = []
    if occurred_on > local_date(at):
        problems.append(f"发生日期：{occurred_on} 在未来，今天是 {local_date(at)}")
    if occurred_on < FIRST_DAY:
        problems.append(f"发生日期：{occurred_on} 早于 {FIRST_DAY}")
    if not 1 <= quantity <= LARGEST_QUANTITY:
        problems.append(f"数量：应为 1 至 {LARGEST_QUANTITY}，为 {quantity}")
    return problems
