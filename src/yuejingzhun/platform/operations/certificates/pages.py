"""Pages that issue and revoke."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.certificates.services import approve, revoke
from yuejingzhun.platform.operations.verification.errors import UnknownJobError, VerificationError


@login_required
@require_POST
def approve_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Approve a reviewed record; its certificate is shown."""
    supersedes = request.POST.get("supersedes", "").strip() or None
    try:
        certificate = approve(current_actor(request), job_id, timezone.now(), supersedes=supersedes)
    except (VerificationError, CertificateError, UnknownCertificateError, UnknownJobError) as error:
        messages.error(request, str(error))
        return redirect("job", job_id=job_id)
    messages.success(request, f"已签发 {certificate.number}")
    return redirect("certificate", number=certificate.number)


@login_required
@require_POST
def revoke_certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Revoke with a reason."""
    try:
        revoke(current_actor(request), number, request.POST.get("reason", ""), timezone.now())
    except (CertificateError, UnknownCertificateError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已撤销 {number}")
    return redirect("certificate", number=number)
