"""The transparency log for everyone: its page, its files, and whom to trust."""

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.evidence.browser.page import content_security_policy, offline_page
from yuejingzhun.evidence.log.policy import policy_text
from yuejingzhun.platform.foundation.ledger.queries import policy, recent_statements, seen
from yuejingzhun.platform.operations.certificates.queries import anchors
from yuejingzhun.platform.operations.certificates.stamping import responder

TILE = re.compile(r"tile/(?:entries|[0-9]{1,2})(?:/x[0-9]{3})*/[0-9]{3}(?:\.p/[0-9]{1,3})?")
FOR_EVER = "public, max-age=31536000, immutable"


@require_GET
def log_page(request: HttpRequest) -> HttpResponse:
    """How far the log is, who saw it, what was logged last, and how anyone recomputes it."""
    context = {
        "seen": seen(),
        "policy": policy_text(policy()),
        "recent": recent_statements(),
        "external": urlsplit(settings.TSA_URL).hostname,
        "monitored": settings.TSA_CLOCK_IS_MONITORED,
    }
    return render(request, "citizen/log.html", context)


@require_GET
def trust_file(request: HttpRequest) -> HttpResponse:
    """The keys of the log and of the witnesses that it asks, as a file for `yjz verify --log` and `yjz audit`."""
    disposition = {"Content-Disposition": 'attachment; filename="trust.txt"'}
    return HttpResponse(policy_text(policy()), content_type="text/plain; charset=utf-8", headers=disposition)


@require_GET
def root_file(request: HttpRequest) -> HttpResponse:
    """The root certificates that this installation trusts, as PEM for `yjz verify --trust` and openssl."""
    pem = b"".join(root.public_bytes(Encoding.PEM) for root in anchors(datetime.now(UTC)))
    disposition = {"Content-Disposition": 'attachment; filename="root.pem"'}
    return HttpResponse(pem, content_type="application/x-pem-file", headers=disposition)


@require_GET
def checkpoint_file(request: HttpRequest) -> HttpResponse:
    """The published checkpoint (C2SP tlog-tiles)."""
    return _file(settings.LOG_FOLDER / "checkpoint", "text/plain; charset=utf-8", "no-cache")


@require_GET
def standing_file(request: HttpRequest) -> HttpResponse:
    """The list of what no longer holds as of the newest checkpoint, for `yjz verify --standing`."""
    return _file(settings.LOG_FOLDER / "standing", "text/plain; charset=utf-8", "no-cache")


@require_GET
def tile_file(request: HttpRequest, path: str) -> HttpResponse:
    """A published tile or entry bundle (C2SP tlog-tiles)."""
    if not TILE.fullmatch(path):
        raise Http404("没有这个瓦片")
    return _file(settings.LOG_FOLDER / path, "application/octet-stream", FOR_EVER)


def _file(path: Path, kind: str, cache: str) -> HttpResponse:
    try:
        return HttpResponse(path.read_bytes(), content_type=kind, headers={"Cache-Control": cache})
    except OSError as error:
        raise Http404("日志还没有公布到这里") from error


@csrf_exempt
@require_POST
def timestamp(request: HttpRequest) -> HttpResponse:
    """Our timestamp authority for anyone (RFC 3161 3.4)."""
    return HttpResponse(responder().answer(request.body), content_type="application/timestamp-reply")


@csp_replace(content_security_policy())
@require_GET
def offline_check(request: HttpRequest) -> HttpResponse:
    """The page that checks on the visitor's machine, with our trust filled in; it may be saved and used without us."""
    pem = b"".join(root.public_bytes(Encoding.PEM) for root in anchors(datetime.now(UTC)))
    return HttpResponse(offline_page(pem.decode(), policy_text(policy())))
