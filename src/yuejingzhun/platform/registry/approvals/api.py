"""The JSON interface of type approvals and filed software: public reads, and comparisons of devices' software."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED, ProblemsOut
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.registry.approvals import conformity, filed, queries
from yuejingzhun.platform.registry.approvals.models import Comparison
from yuejingzhun.platform.registry.approvals.schemas import (
    ComparedOut,
    ComparisonOut,
    OfTypeOut,
    SeenIn,
    SoftwareOut,
    TypeOut,
)
from yuejingzhun.platform.registry.approvals.services.software_filings import record_comparison
from yuejingzhun.procedures.local_date import local_date

router = Router(tags=["型式批准与软件备案"])
signed_in = SignedIn()
MISSING = {404: ProblemsOut, 422: ProblemsOut}


@router.get("/type-approvals", response={200: list[TypeOut], **MISSING}, summary="查型式批准")
def list_types(request: HttpRequest, text: str = Query("", max_length=80)) -> list[dict[str, Any]]:
    """按编号、制造单位或型号查，至多 50 个，新的在前；效力按今天算。"""
    return [_type(found) for found in queries.find(text, _today())]


@router.get("/type-approvals/{number}", response={200: TypeOut, **MISSING}, summary="一个型式批准")
def show_type(request: HttpRequest, number: str, on: date | None = None) -> dict[str, Any]:
    """某日说明该型式的证书与所含型号。"""
    return _type(queries.shown(number, on or _today()))


@router.get("/type-approvals/{number}/check", response={200: OfTypeOut, **MISSING}, summary="器具是否属于该型式")
def check_type(
    request: HttpRequest, number: str, maker: str = Query(max_length=200), model: str = Query(max_length=120),
    on: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """制造单位与型号是否在某日有效的该型式批准之内。"""
    found = conformity.type_of_instrument(number, maker, model, on or _today())
    return {"approved": found.warning is None, "reason": found.warning or ""}


@router.get("/type-approvals/{number}/software", response={200: list[SoftwareOut], **MISSING}, summary="已备案的软件")
def list_software(request: HttpRequest, number: str, on: date | None = None) -> list[dict[str, Any]]:
    """该型式已备案的法制相关软件的版本与标识，新的在前。"""
    return [_software(one) for one in filed.filed_software(number, on or _today())]


@router.get(
    "/type-approvals/{number}/software/compare", response={200: ComparedOut, **MISSING}, summary="比对软件（不登记）"
)
def compare(
    request: HttpRequest, number: str, version: str = Query(max_length=40),
    identification: str = Query(max_length=200), on: date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """器具显示的版本与标识是否与备案一致。"""
    found = filed.compare_software(number, version, identification, on or _today())
    return {"verdict": found.verdict.name, "detail": found.detail}


@router.post(
    "/type-approvals/{number}/software/comparisons",
    auth=signed_in,
    response={200: ComparisonOut, **REFUSED},
    summary="比对软件并登记",
)
def note(request: HttpRequest, number: str, seen: SeenIn) -> dict[str, Any]:
    """比对并记入该器具的历史；检定与监管人员可以登记。"""
    actor, at = current_actor(request), timezone.now()
    return _comparison(record_comparison(actor, number, seen.version, seen.identification, seen.tag, at)[1])


@router.get(
    "/software-comparisons/{tag}",
    auth=signed_in,
    response={200: list[ComparisonOut], **REFUSED},
    summary="一台器具的软件比对历史",
)
def list_comparisons(request: HttpRequest, tag: str) -> list[dict[str, Any]]:
    """检定与监管人员可以查看，新的在前，至多 50 条。"""
    return [_comparison(row) for row in filed.comparisons_of_device(current_actor(request), tag)]


def _type(found: queries.Shown) -> dict[str, Any]:
    row = found.certificate
    names = ("model", "accuracy_class", "measuring_range", "technical")
    return {
        "number": found.approval.number,
        "edition": row.edition,
        "item": found.approval.item,
        "name": row.name,
        "maker": row.maker_name,
        "authority": row.authority_name,
        "institute": row.institute_name,
        "report_number": row.report_number,
        "valid_from": row.valid_from,
        "standing": found.standing.value,
        "withdrawn_from": found.withdrawal and found.withdrawal.effective_from,
        "variants": [{name: getattr(variant, name) for name in names} for variant in row.variants.all()],
    }


def _software(found: filed.Filed) -> dict[str, Any]:
    row, block = found.row, getattr(found.row, "block", None)
    return {
        "number": row.number,
        "version": row.version,
        "algorithm": row.get_algorithm_display(),
        "identification": row.identification,
        "valid_from": row.valid_from,
        "standing": found.standing.value,
        "replaces": row.replaces.version if row.replaces else "",
        "blocked_from": block and block.effective_from,
        "block_reason": block.reason if block else "",
    }


def _comparison(row: Comparison) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.approval.number,
        "version": row.version,
        "identification": row.identification,
        "tag": row.tag,
        "verdict": row.verdict,
        "detail": row.detail,
        "at": row.at,
    }


def _today() -> date:
    return local_date(timezone.now())
