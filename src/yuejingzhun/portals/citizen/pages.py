"""Look up a certificate by its number, and check a file that someone holds."""

import io

import segno
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.evidence.qr import QrError, parse_qr
from yuejingzhun.platform.foundation.ledger.queries import Place, place_of
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import visitor
from yuejingzhun.platform.operations.certificates.errors import UnknownCertificateError
from yuejingzhun.platform.operations.certificates.queries import (
    FILES,
    FOR_WHOM,
    LARGEST_UPLOAD,
    certificate,
    check,
    concerns,
    file_for,
    file_headers,
    fits_paper,
    look_up,
)
from yuejingzhun.platform.registry.traceability.queries import chain_of
from yuejingzhun.procedures.catalogue import UnknownRegulationError, procedure, procedures
from yuejingzhun.procedures.explain import explain
from yuejingzhun.procedures.local_date import local_date


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """The first page; with ?number= it leads to that certificate."""
    number = request.GET.get("number", "").strip().upper()
    if not number:
        return render(request, "citizen/front.html")
    try:
        look_up(number)
    except UnknownCertificateError as error:
        return render(request, "citizen/front.html", {"number": number, "problem": str(error)}, status=404)
    return redirect("certificate", number=number)


@require_GET
def certificate_page(request: HttpRequest, number: str) -> HttpResponse:
    """What anyone may know of a certificate, and what it is worth today."""
    try:
        shown = look_up(number)
    except UnknownCertificateError as error:
        return render(request, "citizen/front.html", {"number": number, "problem": str(error)}, status=404)
    today = local_date(timezone.now())
    place = place_of(shown.number, "issued")
    on_paper, key = read_paper(request, shown.number, place)
    context = {
        "certificate": shown,
        "standing": shown.standing(today),
        "qr": qr_of(shown.number),
        "place": place,
        "on_paper": on_paper,
        "key": key,
        "for_whom": FOR_WHOM,
        "chain": chain_of("certificate", shown.number),
    }
    if concerns(visitor(request), shown.number):
        context["job_id"] = certificate(shown.number).job_id
    return render(request, "citizen/certificate.html", context)


def read_paper(request: HttpRequest, number: str, place: Place | None) -> tuple[bool | None, str]:
    """Whether the code that was scanned is that of the certificate, with the key in it; None where none was scanned."""
    if not request.META.get("QUERY_STRING"):
        return None, ""
    try:
        claim = parse_qr(request.build_absolute_uri())
    except QrError:
        return False, ""
    key = claim.key or ""
    fits = place is not None and claim.fits(place.index, place.leaf) and fits_paper(number, key)
    return fits, key if fits else ""


@require_GET
def certificate_file(request: HttpRequest, number: str, suffix: str) -> HttpResponse:
    """DCC and PDF as they were issued, byte for byte; the bundle with its proof and standing as of now."""
    try:
        content = file_for(visitor(request), number, suffix, request.GET.get("k", ""))
    except UnknownCertificateError as error:
        raise Http404(str(error)) from error
    except NotPermittedError:
        if request.user.is_authenticated:
            raise
        return redirect_to_login(request.get_full_path())
    return HttpResponse(content, content_type=FILES[suffix], headers=file_headers(number, suffix))


@require_GET
def regulations_page(request: HttpRequest) -> HttpResponse:
    """All regulations."""
    return render(request, "citizen/regulations.html", {"procedures": procedures().values()})


@require_GET
def regulation_page(request: HttpRequest, code: str) -> HttpResponse:
    """What a regulation asks for, explained from its declaration."""
    try:
        explained = explain(procedure(code))
    except UnknownRegulationError as error:
        raise Http404(str(error)) from error
    return render(request, "citizen/regulation.html", {"explained": explained})


def check_file(request: HttpRequest) -> HttpResponse:
    """Check an uploaded bundle, PDF or XML, with every check named; nothing of it is kept."""
    upload = request.FILES.get("file") if request.method == "POST" else None
    if request.method == "POST" and upload is None:
        return render(request, "citizen/check.html", {"problem": "没有选择文件"}, status=422)
    if upload is None:
        return render(request, "citizen/check.html")
    if (upload.size or 0) > LARGEST_UPLOAD:
        limit = LARGEST_UPLOAD // 2**20
        return render(request, "citizen/check.html", {"problem": f"文件过大，应不超过 {limit} MB"}, status=422)
    report = check(upload.read(), timezone.now())
    return render(request, "citizen/check.html", {"report": report, "name": upload.name})


def qr_of(number: str) -> str:
    """An SVG of the QR code that leads to the certificate's page."""
    out = io.BytesIO()
    segno.make(f"{settings.PUBLIC_URL}/c/{number}", error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, scale=4, border=2, title=f"证书 {number} 的二维码", omitsize=True
    )
    return out.getvalue().decode()
