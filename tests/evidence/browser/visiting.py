"""Asking the page in a real browser, and `yjz verify` beside it, about the same bytes."""

import base64
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import test_bundle as made
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Page, sync_playwright

from yuejingzhun.evidence.browser.page import offline_page
from yuejingzhun.evidence.bundle import verify_file
from yuejingzhun.evidence.log.policy import Policy, policy_text

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
NOW = made.AT
# What browsers have no means for; `yjz verify` has them.
BEYOND = {"schema"}
needs_chromium = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium here; CI has it")

ASK = """async ([asked, pem, policy, now]) => {
    const trust = await readTrust(pem, policy, document.getElementById("policies").value), reports = [];
    for (const one of asked) reports.push(await verifyFile(base64(one), trust, now));
    return reports;
}"""


@contextmanager
def visited(folder: Path) -> Iterator[Page]:
    """The page as someone opens it who saved it to disk and is offline; no request may be made, no script fail."""
    file = folder / "check.html"
    file.write_text(offline_page(pem_of([made.ROOT.certificate]), policy_text(made.POLICY)), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(offline=True)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.goto(file.as_uri())
        yield page
        assert asked == [file.as_uri()], f"a request was made, or the script failed: {asked}"
        browser.close()


def outside(work: Callable[[], Any]) -> Any:
    """In a thread of its own: the browser's driver keeps an event loop in this one, and PDF signing wants one too."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()


def pem_of(roots: Sequence[x509.Certificate]) -> str:
    return "".join(root.public_bytes(Encoding.PEM).decode() for root in roots)


def in_browser(
    page: Page,
    asked: Sequence[bytes],
    roots: Sequence[x509.Certificate] = (made.ROOT.certificate,),
    log: Policy | None = made.POLICY,
) -> list[dict[str, Any]]:
    spelled = [base64.b64encode(data).decode() for data in asked]
    policy = policy_text(log) if log else ""
    reports: list[dict[str, Any]] = page.evaluate(ASK, [spelled, pem_of(roots), policy, NOW.timestamp() * 1000])
    return reports


def differences(
    page: Page,
    cases: dict[str, bytes],
    roots: Sequence[x509.Certificate] = (made.ROOT.certificate,),
    log: Policy | None = made.POLICY,
) -> list[str]:
    """Where the two disagree about a check or the verdict, check by check."""
    reports = in_browser(page, list(cases.values()), roots, log)
    found = []
    for (name, data), theirs in zip(cases.items(), reports, strict=True):
        ours = outside(lambda data=data: verify_file(data, roots, NOW, log))
        expected = {check.name: (check.status.name.lower(), check.detail) for check in ours.checks}
        seen = {check["name"]: (check["status"], check["detail"]) for check in theirs["checks"]}
        found.extend(
            f"{name}/{check}: yjz {expected.get(check)}, browser {seen.get(check)}"
            for check in sorted((expected.keys() | seen.keys()) - BEYOND)
            if expected.get(check, ("none",))[0] != seen.get(check, ("none",))[0]
        )
        if ours.valid != theirs["valid"]:
            found.append(f"{name}: yjz {ours.valid}, browser {theirs['valid']}")
    return found
