"""The JSON interface of credit: published grades and rules for anyone, facts from regulators, the feed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED, ProblemsOut
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.supervision.credit import feed, publishing
from yuejingzhun.platform.supervision.credit.kinds import label_of
from yuejingzhun.platform.supervision.credit.models import Fact, Snapshot
from yuejingzhun.platform.supervision.credit.queries import LARGEST_KEY, rule_version
from yuejingzhun.platform.supervision.credit.schemas import (
    CreditFactIn,
    CreditGradeOut,
    CreditRecordedOut,
    CreditRoundOut,
    CreditRulesOut,
)
from yuejingzhun.platform.supervision.credit.services.facts import Told, record

router = Router(tags=["计量信用"])
signed_in = SignedIn()
MISSING = {404: ProblemsOut, 422: ProblemsOut}


@router.get("/credit/grades/{credit_code}", response={200: CreditGradeOut, **MISSING}, summary="一个单位的计量信用")
def show_grade(request: HttpRequest, credit_code: str) -> dict[str, Any]:
    """最近一次公布的级别与它所依据的事实。"""
    found = publishing.public_grade(credit_code)
    said = found.statement
    names = ("id", "kind", "occurred_on", "quantity", "contested", "repaired_on")
    return {
        "credit_code": said.party.credit_code,
        "name": said.party.name,
        "region": said.party.region,
        "grade": said.grade,
        "score": said.score,
        "on": said.on,
        "since": found.standing.since,
        "rules": said.rules,
        "facts": [
            {"label": label_of(fact.kind)} | {name: getattr(fact, name) for name in names} for fact in said.facts
        ],
    }


@router.get("/credit/rules/{int:version}", response={200: CreditRulesOut, **MISSING}, summary="一版信用规则")
def show_rules(request: HttpRequest, version: int) -> dict[str, Any]:
    """规则与生效日期。"""
    row = rule_version(version)
    names = ("version", "name", "effective_from", "sha256", "content")
    return {name: getattr(row, name) for name in names}


@router.post("/credit/facts", auth=signed_in, response={200: CreditRecordedOut, **REFUSED}, summary="记录一项事实")
def add_fact(request: HttpRequest, given: CreditFactIn) -> Fact:
    """由单位所在地的监管人员记录；同一来源的同种事实只记一次。"""
    told = Told(given.party_id, given.kind, given.source, given.occurred_on, given.summary, given.quantity)
    return record(current_actor(request), told, timezone.now())


@router.get("/credit/feed", auth=signed_in, response={200: list[CreditRoundOut], **REFUSED}, summary="信用数据推送")
def list_rounds(request: HttpRequest, after: int = Query(0, ge=0, le=LARGEST_KEY)) -> list[Snapshot]:
    """after 之后的评价批次，每次至多 100 批，附文件的哈希；由省级监管部门取得。"""
    return feed.rounds_after(current_actor(request), after)


@router.get(
    "/credit/feed/{number}/file.{suffix}",
    auth=signed_in,
    response={**REFUSED},
    summary="一批评价的文件",
    openapi_extra={"responses": {200: {"description": "文件", "content": {"application/octet-stream": {}}}}},
)
def get_feed_file(request: HttpRequest, number: str, suffix: str) -> HttpResponse:
    """JSON、CSV，对其中之一的签名（json.sig、csv.sig），或签名人证书（der）。"""
    return HttpResponse(feed.feed_file(current_actor(request), number, suffix), content_type="application/octet-stream")
