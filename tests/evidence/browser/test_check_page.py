"""The check in the browser agrees with `yjz verify`, name by name, on good and broken files, and asks nobody."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import test_bundle as made
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Page, sync_playwright

from yuejingzhun.evidence.browser.page import offline_page
from yuejingzhun.evidence.bundle import PROOF, TIMESTAMP, verify_file, with_evidence
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.container import pack, unpack
from yuejingzhun.evidence.entry import sign_entry
from yuejingzhun.evidence.log.note import KeyKind
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.policy import Policy, policy_text
from yuejingzhun.evidence.notice import revocation

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
# What browsers have no means for; `yjz verify` has them.
BEYOND = {"schema", "sm2"}
pytestmark = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium here; CI has it")
NOW = made.AT


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    # Of the witnesses in the tests one signs with ML-DSA, which no browser knows: none is required here.
    trust = policy_text(Policy(made.LOG.key))
    file = tmp_path / "check.html"
    file.write_text(offline_page(made.ROOT.certificate.public_bytes(Encoding.PEM).decode(), trust), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(offline=True)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.goto(file.as_uri())
        yield page
        assert asked == [file.as_uri()], "a request was made, or the script failed"
        browser.close()


def outside(work: Callable[[], Any]) -> Any:
    """In a thread of its own: the browser's driver keeps an event loop in this one, and PDF signing wants one too."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()


def in_browser(page: Page, data: bytes) -> dict[str, Any]:
    script = """async ([hexed, now]) => {
        const trust = await readTrust(document.getElementById("roots").value, document.getElementById("trust").value);
        return await verifyFile(unhex(hexed), trust, now);
    }"""
    return page.evaluate(script, [data.hex(), NOW.timestamp() * 1000])


def agree(page: Page, name: str, data: bytes) -> list[str]:
    ours = outside(lambda: verify_file(data, [made.ROOT.certificate], NOW, Policy(made.LOG.key)))
    theirs = in_browser(page, data)
    expected = {check.name: check.status.name.lower() for check in ours.checks}
    found = {check["name"]: check["status"] for check in theirs["checks"]}
    differ = [n for n in expected.keys() | found.keys() if n not in BEYOND and expected.get(n) != found.get(n)]
    details = [f"{name}/{n}: yjz {expected.get(n)}, browser {found.get(n)} {theirs['checks']}" for n in differ]
    return details + ([] if ours.valid == theirs["valid"] else [f"{name}: yjz {ours.valid}, browser {theirs['valid']}"])


def corpus(certificate: Callable[..., Certificate]) -> dict[str, bytes]:
    good, other = made.make(certificate()), unpack(made.make(certificate(seed=2)))
    files = unpack(good)
    stranger = generate(made.LOG.key.name, KeyKind.ED25519)
    cases = {
        "good": good,
        "rejection": made.make(certificate(passing=False)),
        "another regulation": made.make(certificate("JJG 443-2015")),
        "pdf alone": files["certificate.pdf"],
        "xml alone": files["certificate.xml"],
        "revoked signer": made.make(certificate(), revoked=True),
        "signed by a stranger": made.make(certificate(), made.STRANGER),
        "revoked": with_evidence(good, made.notice(revocation(made.NUMBER, NOW, "标准器超差"))),
        "proof of another log": pack({**files, PROOF: made.prove(files["entry.json"], stranger)}),
        "proof of another entry": pack({**files, PROOF: made.prove(b"another")}),
        "entry signed by a stranger": pack({**files, "entry.sig": sign_entry(files["entry.json"], made.STRANGER)}),
        "a foreign file": pack({**files, "readme.txt": b"x"}),
        "cut off": good[:-1],
        "nothing": b"nothing",
        "empty": b"",
        "an XML of nothing": b"<a/>",
    }
    for name in files:
        cases[f"without {name}"] = pack({n: content for n, content in files.items() if n != name})
        if name in other:
            cases[f"another's {name}"] = pack({**files, name: other[name]})
        for part in (5, 2):
            changed = bytearray(files[name])
            changed[len(changed) * (part - 1) // part] ^= 1
            cases[f"{name} changed at {part - 1}/{part}"] = pack({**files, name: bytes(changed)})
    return cases


def test_it_agrees_with_the_command_on_good_and_broken_files(
    page: Page, certificate: Callable[..., Certificate]
) -> None:
    cases = outside(lambda: corpus(certificate))
    assert len(cases) > 40
    differences = [line for name, data in cases.items() for line in agree(page, name, data)]
    # A token is malleable outside what is signed; the two readers may differ there, never on what it says.
    assert [line for line in differences if TIMESTAMP not in line.split(":")[0]] == []


def test_no_flipped_bit_of_a_good_bundle_passes(page: Page, certificate: Callable[..., Certificate]) -> None:
    good = outside(lambda: made.make(certificate()))
    for position in range(0, len(good), 2999):
        changed = bytearray(good)
        changed[position] ^= 1 << position % 8
        assert not in_browser(page, bytes(changed))["valid"], position


def test_as_its_visitor_meets_it(page: Page, certificate: Callable[..., Certificate], tmp_path: Path) -> None:
    file = tmp_path / "证书.yjz"
    file.write_bytes(outside(lambda: made.make(certificate())))
    page.set_input_files("#file", file)
    page.wait_for_selector(".verdict.good")
    assert "核验通过" in page.inner_text("#report")
    file.write_bytes(b"%PDF-1.7 nothing")
    page.set_input_files("#file", file)
    page.wait_for_selector(".verdict.bad")
    folder = os.environ.get("YJZ_SCREENSHOTS")
    for name, width in (("desktop", 1280), ("phone", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder:
            file.write_bytes(outside(lambda: made.make(certificate())))
            page.set_input_files("#file", file)
            page.wait_for_selector(".verdict.good")
            page.screenshot(path=f"{folder}/offline-{name}.png", full_page=True)
