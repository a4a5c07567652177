"""Passkeys in a real browser with a virtual authenticator, and the audit trail that all of it leaves behind."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from waiting import answered

from yuejingzhun.demo.province import PASSWORD

CHROMIUM = shutil.which("chromium")
YJZ = Path(sys.executable).with_name("yjz")
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
SCREENSHOTS = os.environ.get("YJZ_SCREENSHOTS")
OURS = {"DATABASE_URL", "YJZ_DATA", "DJANGO_SETTINGS_MODULE"}
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in OURS} | {"YJZ_MFA": "1"}
# Someone with the database's own password, who switches the triggers off first.
BY_HAND = """
import sys
from pathlib import Path
from yuejingzhun.project.server import site
with site(Path(sys.argv[1]), lambda _: None):
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL")
        cursor.execute("UPDATE audit_auditevent SET actor_name = '别人' WHERE id = 3")
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER ALL")
"""

if CHROMIUM is None:
    if os.environ.get("CI"):
        raise RuntimeError("CI must have Chromium: .ci/run installs it")
    pytest.skip("no Chromium on this machine; CI has it", allow_module_level=True)


@dataclass(frozen=True)
class Site:
    data: Path
    address: str  # by name: a passkey belongs to a domain, never to an IP address
    program: subprocess.Popen[str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("second")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [YJZ, "demo", "--data", data, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as program:
        assert program.stdout
        try:
            for line in program.stdout:
                if "服务已就绪" in line:
                    break
            answered(f"http://localhost:{port}")
            yield Site(data, f"http://localhost:{port}", program)
        finally:
            program.terminate()
            program.stdout.read()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


def visitor(browser: Browser, size: str) -> tuple[Page, CDPSession]:
    """A page whose browser has an authenticator with a fingerprint (WebAuthn's virtual authenticator)."""
    page = browser.new_context(viewport=SIZES[size], locale="zh-CN").new_page()  # type: ignore[arg-type]
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page, protocol


def sign_in(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.address}/sign-in")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("main button")


def look(page: Page, size: str, name: str) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size]["width"], f"{name} is {width} px wide"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/{size}-{name}.png", full_page=True)


@pytest.mark.parametrize(("size", "account"), [("desktop", "qianziren"), ("phone", "jianguan")])
def test_a_passkey_is_added_asked_for_and_opens_the_door_alone(
    browser: Browser, site: Site, size: str, account: str
) -> None:
    page, _ = visitor(browser, size)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    page.goto(f"{site.address}/sign-in")
    look(page, size, "sign-in")
    sign_in(page, site, account)
    page.wait_for_url("**/account/second")  # the role must have one
    look(page, size, "second-none")
    page.click("text=添加通行密钥")
    look(page, size, "confirm")
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/keys/new")
    look(page, size, "key-new")
    page.fill("#id_name", "办公室电脑")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery")
    look(page, size, "recovery")
    page.goto(f"{site.address}/work")
    page.wait_for_url("**/account/confirm/key**")
    look(page, size, "confirm-key")
    page.click("#mfa_webauthn_reauthenticate")
    page.wait_for_url("**/work")
    for name, address in (("second", "second"), ("tokens", "tokens"), ("sessions", "sessions"), ("account", "")):
        page.goto(f"{site.address}/account/{address}")
        look(page, size, name)
    page.goto(f"{site.address}/audit")
    look(page, size, "audit")

    page.click("text=退出")
    sign_in(page, site, account)
    page.wait_for_url("**/sign-in/second")
    look(page, size, "sign-in-second")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/work")

    page.click("text=退出")
    page.goto(f"{site.address}/sign-in")
    page.click("#passkey_login")
    page.wait_for_url("**/work")
    assert refused == []


def test_without_the_key_there_is_no_way_in(browser: Browser, site: Site) -> None:
    page, _ = visitor(browser, "desktop")  # with an authenticator that holds no key of ours
    page.goto(f"{site.address}/sign-in")
    page.click("#passkey_login")
    page.wait_for_selector("#key-problem:visible")
    look(page, "desktop", "key-problem")
    sign_in(page, site, "qianziren")
    page.wait_for_url("**/sign-in/second")
    page.goto(f"{site.address}/work")
    page.wait_for_url("**/sign-in/second**")


def audited(site: Site) -> subprocess.CompletedProcess[str]:
    command = [YJZ, "audit", site.data / "log", "--trust", site.data / "trust.txt", "--database", site.data]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)


def test_the_trail_is_in_the_log_and_a_row_changed_by_hand_is_named(site: Site) -> None:
    with urlopen(f"{site.address}/log/trust.txt", timeout=10) as answer:
        (site.data / "trust.txt").write_bytes(answer.read())
    site.program.terminate()
    site.program.wait(30)
    good = audited(site)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "✓ 审计线索的" in good.stdout
    subprocess.run([sys.executable, "-c", BY_HAND, site.data], env=ENVIRONMENT, check=True)
    bad = audited(site)
    assert bad.returncode == 1
    assert "✗ 审计事件 3（" in bad.stdout
    assert "与登记时不同" in bad.stdout
