"""The JSON interface of certificates: look-up and check for anyone, issue and revoke for those who may."""

import json
from dataclasses import fields
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import File, Router, Status, UploadedFile
from ninja.security import APIKeyQuery

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED, ProblemsOut
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.queries import current_actor, visitor
from yuejingzhun.platform.operations.certificates.queries import (
    FILES,
    LARGEST_UPLOAD,
    Shown,
    file_for,
    file_headers,
    look_up,
)
from yuejingzhun.platform.operations.certificates.queries import check as check_document
from yuejingzhun.platform.operations.certificates.schemas import (
    ApproveIn,
    CertificateOut,
    CheckOut,
    IssuedOut,
    ReportOut,
    RevokeIn,
)
from yuejingzhun.platform.operations.certificates.services import approve, revoke

router = Router(tags=["证书"])
writes = SignedIn("certificates:write")
SHOWN = tuple(field.name for field in fields(Shown))


@router.get("/certificates/{number}", response={200: CertificateOut, 404: ProblemsOut}, summary="按编号查询证书")
def show_certificate(request: HttpRequest, number: str) -> HttpResponse:
    """任何人都可以知道的内容，以及证书今天的效力。"""
    shown = look_up(number)
    # Written directly: validating what the database has just given would cost more than reading it.
    content = {name: _plain(getattr(shown, name)) for name in SHOWN}
    content["standing"] = shown.standing(timezone.localdate()).value
    return HttpResponse(json.dumps(content, ensure_ascii=False), content_type="application/json")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


class PaperKey(APIKeyQuery):
    """The key in the QR code of a certificate, instead of a sign-in; whether it fits, the query decides."""

    param_name = "k"

    def authenticate(self, request: HttpRequest, key: str | None) -> str | None:
        """The key as it was sent."""
        return key or None


@router.get(
    "/certificates/{number}/file.{suffix}",
    auth=[SignedIn(), PaperKey()],
    response={404: ProblemsOut, **REFUSED},
    summary="下载证书文件",
    openapi_extra={"responses": {200: {"description": "文件", "content": {kind: {} for kind in FILES.values()}}}},
)
def download(request: HttpRequest, number: str, suffix: str) -> HttpResponse:
    """给使用单位、检定机构、当地监管部门，以及出示证书上二维码里的 k 的人。

    证书（pdf）、数字证书（xml）与签发时逐字节相同；证书包（yjz）另附今天的日志证明，以及撤销或替换的声明。
    """
    if suffix not in FILES:
        return JsonResponse(
            {"message": f"没有 .{suffix[:20]} 文件，只有 {'、'.join(FILES)}", "problems": []}, status=404
        )
    content = file_for(visitor(request), number, suffix, request.GET.get("k", ""))
    return HttpResponse(content, content_type=FILES[suffix], headers=file_headers(number, suffix))


@router.post("/check", response={200: ReportOut, 422: ProblemsOut}, summary="核验一个文件")
def check(request: HttpRequest, file: File[UploadedFile]) -> ReportOut | HttpResponse:
    """逐项核验证书包、PDF 或已签名的 DCC；文件不保存。"""
    if (file.size or 0) > LARGEST_UPLOAD:
        message = f"文件过大，应不超过 {LARGEST_UPLOAD // 2**20} MB"
        return JsonResponse({"message": message, "problems": []}, status=422)
    report = check_document(file.read(), timezone.now())
    checks = [
        CheckOut(name=check.name, label=check.label, status=check.status.value, detail=check.detail)
        for check in report.checks
    ]
    return ReportOut(valid=report.valid, checks=checks)


@router.post("/jobs/{int:job_id}/approve", auth=writes, response={201: IssuedOut, **REFUSED}, summary="批准并签发")
def approve_job(request: HttpRequest, job_id: int, body: ApproveIn) -> Status[IssuedOut]:
    """签字人批准已核验的记录，签发证书。"""
    issued = approve(current_actor(request), job_id, timezone.now(), supersedes=body.supersedes)
    return Status(201, IssuedOut(number=issued.number))


@router.post("/certificates/{number}/revoke", auth=writes, response={200: IssuedOut, **REFUSED}, summary="撤销证书")
def revoke_certificate(request: HttpRequest, number: str, body: RevokeIn) -> IssuedOut:
    """写明原因撤销；证书和撤销都保留。"""
    revoke(current_actor(request), number, body.reason, timezone.now())
    return IssuedOut(number=number)
