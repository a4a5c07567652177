"""A record on its whole way in a real browser, on a desktop and on a phone, against a real server."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from waiting import answered

from yuejingzhun.demo.province import PASSWORD
from yuejingzhun.platform.operations.verification.record_form import values_of
from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.sample import sample_record

CHROMIUM = shutil.which("chromium")
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
SCREENSHOTS = os.environ.get("YJZ_SCREENSHOTS")

if CHROMIUM is None:
    if os.environ.get("CI"):
        raise RuntimeError("CI must have Chromium: .ci/run installs it")
    pytest.skip("no Chromium on this machine; CI has it", allow_module_level=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_demo(data: Path, *options: str) -> Iterator[str]:
    """The address of the demonstration, started as a user starts it, in that folder."""
    port = free_port()
    command = [Path(sys.executable).with_name("yjz"), "demo", "--data", data, "--port", str(port), *options]
    ours = {"DATABASE_URL", "YJZ_DATA", "DJANGO_SETTINGS_MODULE"}
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout
        try:
            for line in program.stdout:
                if "服务已就绪" in line:
                    break
            address = f"http://127.0.0.1:{port}"
            answered(address)
            yield address
        finally:
            program.terminate()
            program.stdout.read()
    assert program.returncode in {0, 143}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_demo(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


class Visitor:
    """A person at a browser, who also looks for what a person with a screen reader would stumble over."""

    def __init__(self, browser: Browser, site: str, size: str) -> None:
        self.context = browser.new_context(viewport=SIZES[size], locale="zh-CN")  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.site, self.size = site, size
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def sign_in(self, account: str) -> None:
        self.context.clear_cookies()
        self.page.goto(f"{self.site}/sign-in")
        self.page.fill("#id_username", account)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url("**/work")

    def look(self, name: str) -> None:
        """Nothing wider than the screen, no accessibility violation, no script error."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[self.size]["width"], f"{name} is {width} px wide"
        found = Axe().run(self.page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert self.errors == []
        if SCREENSHOTS:
            self.page.screenshot(path=f"{SCREENSHOTS}/{self.size}-{name}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_from_a_raw_record_to_a_certificate_that_anyone_checks(
    browser: Browser, site: str, size: str, tmp_path: Path
) -> None:
    visitor = Visitor(browser, site, size)
    page = visitor.page

    visitor.sign_in("jiandingyuan")
    visitor.look("work")
    page.click("main >> text=新建记录")
    visitor.look("choose")
    page.click("a.choice:has-text('JJG 596-2012')")
    visitor.look("record-empty")
    fill_record(page, "JJG 596-2012", seed=len(size))
    page.wait_for_selector("#preview .verdict strong:has-text('合格')")
    visitor.look("record-filled")
    page.click("text=提交，等待核验")
    page.wait_for_url("**/jobs/*")
    job = page.url
    visitor.look("job-tested")

    visitor.sign_in("heyanyuan")
    page.goto(job)
    visitor.look("job-to-review")
    page.click("text=核验通过")
    page.wait_for_selector("text=待批准")

    visitor.sign_in("qianziren")
    page.goto(job)
    page.click("text=批准并签发")
    page.wait_for_url("**/c/YJZ-*")
    number = page.inner_text("h1")
    visitor.look("certificate-signed-in")
    paper = tmp_path / "certificate.pdf"
    with page.expect_download() as download:
        page.click("text=证书（PDF）")
    download.value.save_as(paper)

    visitor.context.clear_cookies()
    page.goto(site)
    visitor.look("front")
    page.fill("#number", number)
    page.click("text=查询")
    page.wait_for_selector(".verdict.in_force")
    visitor.look("certificate")
    assert page.locator("text=下载证书包").count() == 0
    page.goto(site + scanned(paper))
    page.wait_for_selector("text=二维码与透明日志第")
    visitor.look("certificate-scanned")
    with page.expect_download() as download:
        page.click("text=下载证书包")
    bundle = tmp_path / "certificate.yjz"
    download.value.save_as(bundle)
    check_file(visitor, bundle, "核验通过")
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    check_file(visitor, bundle, "核验未通过")


def scanned(paper: Path) -> str:
    """What a telephone reads from a printed certificate, without the name of the site."""
    image = pypdfium2.PdfDocument(paper)[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(image)
    address = urlsplit(code.text)
    return f"{address.path}?{address.query}"


def check_file(visitor: Visitor, file: Path, expected: str) -> None:
    visitor.page.goto(f"{visitor.site}/check")
    visitor.page.set_input_files("#file", file)
    visitor.page.click("main button")
    visitor.page.wait_for_selector(f".verdict strong:has-text('{expected}')")
    visitor.look(f"check-{'good' if expected == '核验通过' else 'bad'}")


def fill_record(page: Page, code: str, seed: int) -> None:
    declared, now = procedure(code), datetime.now(UTC)
    record, _ = sample_record(declared, passing=True, generator=np.random.default_rng(seed), tested_on=local_date(now))
    values = values_of(record)
    page.fill("#holder", "演示供电局")
    for name, value in values.items():
        field = page.locator(f'[name="{name}"]')
        if name in {"kind", "tested_on"} or name.startswith("parameters"):
            continue
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


@pytest.mark.parametrize("code", procedures())
def test_a_record_of_each_regulation_goes_the_whole_way(browser: Browser, site: str, code: str) -> None:
    visitor = Visitor(browser, site, "desktop")
    page = visitor.page
    visitor.sign_in("jiandingyuan")
    page.goto(f"{site}/records/new/{code}")
    fill_record(page, code, seed=7)
    page.wait_for_selector("#preview .verdict strong:has-text('合格')")
    page.wait_for_selector("#preview svg")
    page.click("text=提交，等待核验")
    page.wait_for_url("**/jobs/*")
    job = page.url
    visitor.look(f"job-{code}")
    visitor.sign_in("heyanyuan")
    page.goto(job)
    page.click("text=核验通过")
    page.wait_for_selector("text=待批准")
    visitor.sign_in("qianziren")
    page.goto(job)
    page.click("text=批准并签发")
    page.wait_for_url("**/c/YJZ-*")
    assert page.locator(".verdict.in_force").count() == 1
    assert code in page.inner_text("main")


@pytest.mark.parametrize("size", SIZES)
def test_regulations_are_explained(browser: Browser, site: str, size: str) -> None:
    visitor = Visitor(browser, site, size)
    visitor.page.goto(f"{site}/regulations")
    visitor.look("regulations")
    for code in procedures():
        visitor.page.goto(f"{site}/regulations/{code}")
        visitor.look(f"regulation-{code}")


@pytest.mark.parametrize("size", SIZES)
def test_states_that_a_visitor_meets(browser: Browser, site: str, size: str) -> None:
    visitor = Visitor(browser, site, size)
    visitor.page.goto(f"{site}/?number=YJZ-440100-2026-999999")
    visitor.look("not-found")
    visitor.page.goto(f"{site}/c/YJZ-440100-2026-000002")
    visitor.look("certificate-rejection")
    visitor.page.goto(f"{site}/nowhere")
    visitor.look("error")
    visitor.page.goto(f"{site}/sign-in")
    visitor.page.fill("#id_username", "nobody")
    visitor.page.fill("#id_password", "wrong")
    visitor.page.click("main button")
    visitor.page.wait_for_selector("[role=alert]")
    visitor.look("sign-in-refused")
    visitor.sign_in("jianguan")
    visitor.look("work-empty")
